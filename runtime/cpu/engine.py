"""One emulated processor over guest RAM: set it up, run it until something happens, say what.

run() returns a Stop: the guest ran into an exception (vector, rip exact), a trap asked to stop, or the guest has not
come back for so long that it may be hanging. There is one run at a time, never one inside another. Exceptions stop the
run and are handled between two runs.
"""

import _thread
import ctypes
import os
from collections.abc import Callable
from functools import partial
from time import sleep
from typing import Any, NamedTuple

from unicorn import UC_ARCH_X86, UC_HOOK_CODE, UC_HOOK_INTR, UC_MODE_64, UC_PROT_ALL
from unicorn import unicorn_const as uconst
from unicorn import x86_const as x86
from unicorn.unicorn_py3.unicorn import Uc, uclib

from runtime.arch import x86_64 as arch
from runtime.cpu.budget import SPENT, BlockBudget
from runtime.cpu.edges import Edges
from runtime.cpu.registers import STATE_SIZE, Registers
from runtime.paging import PageTables
from runtime.ram import Ram

_lib = ctypes.CDLL(uclib._name)  # releases the GIL while the guest runs, for the watchdog
_quick = ctypes.PyDLL(uclib._name)  # keeps it, for what takes less time than giving it up
_emu_stop, _uc_ctl = _quick.uc_emu_stop, _quick.uc_ctl
_U64 = ctypes.c_uint64
_NOWHERE, _FOREVER, _UNCOUNTED = _U64(0), _U64(0), ctypes.c_size_t(0)  # until, timeout, count of uc_emu_start()
_TRAP = ctypes.CFUNCTYPE(None)
_INTERRUPT = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_uint32, ctypes.c_void_p)
_FLUSH_TLB = ctypes.c_uint(uconst.UC_CTL_TLB_FLUSH | uconst.UC_CTL_IO_WRITE << 30)
_EXCEPTION, _INVALID_INSN = uconst.UC_ERR_EXCEPTION, uconst.UC_ERR_INSN_INVALID

_BROADWELL = 20  # the first model that has stac and clac, which modules contain
_CODE_BUFFER = 32 << 20  # with the default of 1 GiB, later machines run 1.6 times slower
_CR0, _CR4, _EFER = 0x80010033, 0x6B0, 0xD01  # paging and WP; PAE, PGE, PSE, SSE; long mode, NX, syscall
_EFER_MSR = 0xC0000080

NO_FLAGS = 1 << 1  # EFLAGS when all are clear; the bit is always set

STOPPED, FAULT, HANG, SUSPECT = "stopped", "fault", "hang", "suspect"


class Stop(NamedTuple):
    """Why the guest stopped: reason, and for a FAULT the vector of the exception."""

    reason: str
    vector: int = 0


_STOPPED, _HANG, _SUSPECT = Stop(STOPPED), Stop(HANG), Stop(SUSPECT)


class Engine:
    """A processor whose kernel is in Python.

    stubs: (first, last) virt of the hooked pages; `trap` is called, without arguments, each time the guest arrives at
    an address among them. blocks: after so many basic blocks since the last refill() a run ends as HANG (0: a watchdog
    only suspects, after patience seconds). edges: note which way conditional jumps go, where blocks are counted.
    """

    def __init__(
        self, ram: Ram, tables: PageTables, stubs: tuple[int, int], *, blocks: int = 0, patience: float = 1.0,
        edges: bool = False,
    ) -> None:  # fmt: skip
        self.uc: Any = Uc(UC_ARCH_X86, UC_MODE_64, _BROADWELL)
        uc = self.uc
        uc.ctl_set_tcg_buffer_size(_CODE_BUFFER)
        self._ram = ram  # lives as long as the engine, which has its host address
        uc.mem_map_ptr(0, ram.size, UC_PROT_ALL, ram.host)
        self._handle = uc._uch
        self.stop: Callable[[], object] = partial(_emu_stop, self._handle)  # end the run, from a trap
        self._registers = registers = Registers(uc)
        self.r, self.d, self.i, self.state = registers.r, registers.d, registers.i, registers.state
        # EFLAGS, whole, in the CPU state: behind the registers. A run begins with them.
        self._flags = _U64.from_address(self.state + 8 * (arch.RIP + 1)) if self.state else None
        # All of the CPU state that a switch has to keep.
        state = (ctypes.c_char * STATE_SIZE).from_address(self.state) if self.state else None
        self._state = None if state is None else memoryview(state).cast("B")
        self.enable_paging(tables.root)
        registers.remember()
        tables.flush = self.flush_tlb
        self._hooks: list[Any] = []
        self._trap_hook: ctypes.c_size_t | None = None
        self._vector = -1
        self._hook(UC_HOOK_INTR, _INTERRUPT(self._interrupt), 1, 0)
        self._stub_range = stubs
        self.running = self._stale = False  # stale: the TLB, while the guest stands still
        self.operation = 0  # counts what begin() begins; read by the watchdog, which sets suspected
        self.suspected = False
        self.edges = Edges() if edges and blocks else None
        self.budget = BlockBudget(_lib, uc, blocks, self.edges) if blocks else None
        self._left: Any = self.budget.words if self.budget is not None else [1]  # blocks, in the first word
        # Where blocks are counted no watchdog has to run: then each trap is spared the GIL's giving up and taking.
        self._start = _lib.uc_emu_start if self.budget is None else _quick.uc_emu_start
        self._patience = patience

    def _hook(self, kind: int, callback: Any, begin: int, end: int) -> ctypes.c_size_t:
        handle = ctypes.c_size_t()
        _lib.uc_hook_add(self._handle, ctypes.byref(handle), kind, callback, None, _U64(begin), _U64(end))
        self._hooks.append(callback)
        return handle

    def keep(self, callback: Any) -> None:
        """Let a callback that somebody else has hooked live as long as the engine, which calls it."""
        self._hooks.append(callback)

    def enable_paging(self, root: int) -> None:
        """Switch on long mode, paging and NX. CR0 comes last."""
        self.uc.reg_write(x86.UC_X86_REG_CR3, root)
        self.uc.reg_write(x86.UC_X86_REG_CR4, _CR4)
        self.uc.msr_write(_EFER_MSR, _EFER)
        self.uc.reg_write(x86.UC_X86_REG_CR0, _CR0)

    def on_trap(self, trap: Callable[[], None]) -> None:
        """Call trap at each stub, instead of the one before. It must not raise: the engine would swallow it."""
        if self._trap_hook is not None:
            _lib.uc_hook_del(self._handle, self._trap_hook)
            self.flush_code()
        self._trap_hook = self._hook(UC_HOOK_CODE, _TRAP(trap), *self._stub_range)

    def _interrupt(self, _uc: int, vector: int, _data: int) -> None:
        self._vector = vector
        _emu_stop(self._handle)

    def run(self, rip: int) -> Stop:
        """Run the guest from rip until something happens."""
        left = self._left
        if self.suspected:
            return _SUSPECT
        if not 0 < left[0] < SPENT:
            return _HANG
        if self._stale:
            self._stale = False
            _uc_ctl(self._handle, _FLUSH_TLB)
        self._vector = -1
        self.running = True
        error = self._start(self._handle, _U64(rip), _NOWHERE, _FOREVER, _UNCOUNTED)
        self.running = False
        if self._vector >= 0:
            self._registers.clear_exception(self._vector)
            return Stop(FAULT, self._vector)
        if not 0 < left[0] < SPENT:
            return _HANG
        if self.suspected:
            return _SUSPECT
        if error == _INVALID_INSN:
            return Stop(FAULT, arch.INVALID_OPCODE)
        if error:
            return Stop(FAULT, arch.GENERAL_PROTECTION if error == _EXCEPTION else arch.PAGE_FAULT)
        return _STOPPED

    def begin(self) -> None:
        """From here to end() the guest does one thing, however often it stops: that is what may be a hang."""
        self.suspected = False
        self.operation += 1
        if self.budget is None:
            _watch(self)

    def end(self) -> None:
        """It has come to an end."""
        _watched.pop(id(self), None)

    def refill(self) -> None:
        """Let the guest run all its blocks again."""
        if self.budget is not None:
            self.budget.left = self.budget.blocks

    def charge(self, blocks: int) -> None:
        """Count blocks that the guest has not run: what a stop costs, so that a loop over stops is a hang as well."""
        if self.budget is not None:
            self.budget.charge(blocks)

    def cpuid(self, leaf: int, subleaf: int = 0) -> tuple[int, int, int, int]:
        """(eax, ebx, ecx, edx) that the CPUID instruction gives."""
        from runtime.cpu.cpuid import cpuid

        return cpuid(_BROADWELL, leaf, subleaf)

    def flush_tlb(self) -> None:
        """Forget translated addresses, after entries of the page tables changed: before the guest runs on."""
        if self.running:
            _uc_ctl(self._handle, _FLUSH_TLB)
        else:
            self._stale = True

    def flush_code(self) -> None:
        """Forget translated code, after Python wrote instructions."""
        self.uc.ctl_flush_tb()

    @property
    def cr2(self) -> int:
        """The address of the last page fault."""
        return int(self.uc.reg_read(x86.UC_X86_REG_CR2))

    def control(self) -> tuple[int, int, int, int]:
        """CR0, CR2, CR3 and CR4."""
        ids = (x86.UC_X86_REG_CR0, x86.UC_X86_REG_CR2, x86.UC_X86_REG_CR3, x86.UC_X86_REG_CR4)
        return tuple(int(self.uc.reg_read(register)) for register in ids)  # type: ignore[return-value]

    @property
    def error_code(self) -> int:
        """The error code of the last page fault; 0 where the engine's registers were not found."""
        return self._registers.error_code

    @property
    def eflags(self) -> int:
        """The flags, put together (while the guest runs, the engine keeps them in pieces)."""
        if self._flags is not None and not self.running:
            return self._flags.value
        return int(self.uc.reg_read(x86.UC_X86_REG_EFLAGS))

    @eflags.setter
    def eflags(self, value: int) -> None:
        if self._flags is not None and not self.running:
            self._flags.value = value
        else:
            self.uc.reg_write(x86.UC_X86_REG_EFLAGS, value)

    def set_gs_base(self, virt: int) -> None:
        """Point %gs at a CPU's per-CPU area."""
        self.uc.reg_write(x86.UC_X86_REG_GS_BASE, virt)

    def save(self) -> Any:
        """The whole processor as a value for restore(), with the blocks that it may still run.

        In a trap, too: then without the flags, which the engine keeps in pieces; they mean nothing at a function call.
        """
        state: Any = self.uc.context_save() if self._state is None else self._state.tobytes()
        return state, self._left[0], self.running

    def restore(self, saved: Any) -> None:
        """Take the processor back to where save() saw it, between two runs. Its TLB is not part of that."""
        state, self._left[0], in_trap = saved
        if self._state is not None and self._flags is not None:
            self._state[:] = state
            if in_trap:
                self._flags.value = NO_FLAGS
        else:
            self.uc.context_restore(state)
            if in_trap:
                self.eflags = NO_FLAGS


_watched: dict[int, Engine] = {}  # engines between begin() and end()
_watchdog_process = 0  # threads do not survive a fork


def _watch(engine: Engine) -> None:
    global _watchdog_process
    _watched[id(engine)] = engine
    if _watchdog_process != os.getpid():
        _watchdog_process = os.getpid()
        _thread.start_new_thread(_watchdog, ())


def _watchdog() -> None:
    """Suspect an operation that is still the same one after its engine's patience.

    It only suspects: what it stops is run again and counted.
    """
    seen: dict[int, tuple[int, float]] = {}
    while True:
        sleep(0.1)
        for key, engine in list(_watched.items()):
            operation, waited = seen.get(key, (0, 0.0))
            waited = waited + 0.1 if operation == engine.operation else 0.0
            seen[key] = engine.operation, waited
            if waited >= engine._patience:
                engine.suspected = True
                engine.stop()
        for key in [key for key in seen if key not in _watched]:
            del seen[key]
