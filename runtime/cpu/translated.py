"""Which code of modules has run: what the engine says while it translates, at no cost for code that is warm.

The engine reports a block when it translates it, just before it runs for the first time. That alone would not say
whether the block ran to its end: a block that faults in the middle when it runs for the first time, and one that faults
when it runs for the fifth, look the same. So a block is taken out of the engine's cache as soon as it is reported, and
is reported once more when it runs again; from then on it stays. A fault in the block that was reported last cuts it
behind the instruction that faulted; a fault anywhere else hit a block that has run to its end before.

Blocks overlap where a jump leads into the middle of one. What is warm is not reported again, in a branch of a sweep
after a rewind neither: sets of branches are united, and before a set is taken for its own the code is flushed.

An engine that counts blocks knows besides which way each jump went (edges.py), at each time.
"""

import ctypes
from collections.abc import Callable
from typing import Any

from unicorn import unicorn_const as uconst
from unicorn.unicorn_py3.unicorn import uclib

from runtime.arch import x86_64 as arch
from runtime.cpu.edges import FELL, JUMPED
from runtime.cpu.engine import Engine
from runtime.units import Virt

Region = tuple[str, bool, Virt, Virt]
"""(module, is it its init part?, first address of the part, address behind it)"""
Block = tuple[str, bool, int, int]
"""(module, in its init part?, offset of the first instruction, offset behind the first byte of the last one or more);
or, where the last is negative, (module, in its init part?, offset behind a jump, -FELL or -JUMPED)"""

_lib = ctypes.PyDLL(uclib._name)  # what is called here takes a microsecond: not worth giving up the GIL
_U64 = ctypes.c_uint64
_EDGE = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p)
_INTERRUPT = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_uint32, ctypes.c_void_p)
_REMOVE = ctypes.c_uint(uconst.UC_CTL_TB_REMOVE_CACHE | 2 << 26 | uconst.UC_CTL_IO_WRITE << 30)  # of two arguments
_u64, _u16 = ctypes.c_uint64.from_address, ctypes.c_uint16.from_address
_SIZE_AT = 10  # of the size in Unicorn's uc_tb: u64 pc, u16 number of instructions, u16 bytes


class Recorder:
    """Records the blocks of module code that run. The engine keeps it alive.

    The very first block that an engine runs is never reported: a machine's is the kernel's own.

    region: names the part of a module that an address lies in now, None for any other address; it must not raise.
    """

    def __init__(self, engine: Engine, region: Callable[[Virt], Region | None]) -> None:
        self._engine, self._region_of = engine, region
        self._regions: set[Region] = set()  # which do not overlap: what edges notes there is theirs
        self._region: Region | None = None  # of the block that was reported last
        self._blocks: set[Block] = set()
        self._newest: tuple[Virt, Block] | None = None  # was reported last: runs for the first time, or has ended
        self._hooks: list[Any] = []

    def start(self) -> None:
        """Record from now on; of what has run before nothing is known."""
        self._flush()
        if not self._hooks:
            modules = arch.MODULES_VADDR, arch.MODULES_END - 1
            self._hook(uconst.UC_HOOK_EDGE_GENERATED, _EDGE(self._make_translated()), *modules)
            self._hook(uconst.UC_HOOK_INTR, _INTERRUPT(self._interrupted), 1, 0)

    def _hook(self, kind: int, callback: Any, begin: int, end: int) -> None:
        handle = ctypes.c_size_t()
        _lib.uc_hook_add(self._engine.uc._uch, ctypes.byref(handle), kind, callback, None, _U64(begin), _U64(end))
        self._hooks.append(callback)
        self._engine.keep(callback)

    def take(self) -> frozenset[Block]:
        """The blocks that ran since start() or the last take, and the ways that jumps went if the engine notes edges.

        What runs from now on is seen again.
        """
        self._flush()
        blocks = self.look()
        self._blocks = set()
        return blocks

    def look(self) -> frozenset[Block]:
        """The same, which is kept for the next take. Between two runs of the engine."""
        if self._newest is not None:
            self._blocks.add(self._newest[1])
            self._newest = None
        self._collect_edges()
        return frozenset(self._blocks)

    def _collect_edges(self) -> None:
        if self._engine.edges is not None:
            for region in self._regions:
                name, initial, first, end = region
                for offset, ways in self._engine.edges.take(first, end):
                    self._blocks.update((name, initial, offset, -way) for way in (FELL, JUMPED) if ways & way)

    def _enter(self, region: Region) -> None:
        """A block of another part of a module than the last one: has that taken the place of one that is gone?"""
        self._region = region
        if region not in self._regions:
            self._collect_edges()
            _, _, first, end = region
            self._regions = {other for other in self._regions if other[3] <= first or end <= other[2]} | {region}

    def _flush(self) -> None:
        if self._engine.running:
            raise RuntimeError("translated code can be dropped between two runs only")
        self._engine.flush_code()

    def _make_translated(self) -> Callable[[Any, Any, Any, Any], None]:
        region_of, handle, remove = self._region_of, self._engine.uc._uch, _lib.uc_ctl

        def translated(_uc: Any, block: int, _before: Any, _data: Any) -> None:
            """The engine has translated a block: note the one before, which is complete now."""
            if self._newest is not None:
                self._blocks.add(self._newest[1])
                self._newest = None
            virt = _u64(block).value
            region = region_of(virt)
            if region is not None:
                if region is not self._region:
                    self._enter(region)
                name, initial, first, _ = region
                offset = virt - first
                found = name, initial, offset, offset + _u16(block + _SIZE_AT).value
                if found not in self._blocks:
                    self._newest = virt, found
                    remove(handle, _REMOVE, _U64(virt), _U64(virt + 1))

        return translated

    def _interrupted(self, _uc: Any, _vector: int, _data: Any) -> None:
        """An exception: where it happened in the block that was reported last, what follows there has not run."""
        if self._engine.edges is not None:
            self._engine.edges.interrupted()
        if self._newest is None:
            return
        virt, (name, initial, offset, end) = self._newest
        ran = int(self._engine.r[arch.RIP]) - virt
        if 0 <= ran < end - offset:
            self._newest = None
            self._blocks.add((name, initial, offset, offset + ran + 1))
