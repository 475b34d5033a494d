"""Which basic blocks the guest runs, in order. A few bytes of native code note each one; that costs a quarter of the
guest's speed, so only runs that are compared with others have a trace.

What does not fit is not noted. A trace that has a limit ends the run there, as the budget of blocks does.
"""

import ctypes
import mmap
from typing import Any

from unicorn import UC_HOOK_BLOCK

from runtime import native
from runtime.cpu.engine import Engine, _lib
from runtime.units import Virt

# callback(uc, address, size, cell in rcx), where cell is (next, end, budget or 0, uc_emu_stop):
#   mov rax,[rcx]; cmp rax,[rcx+8]; jae 1f; mov [rax],esi; mov [rax+4],edx; add qword [rcx],8; ret
#   1: mov rax,[rcx+16]; test rax,rax; jz 2f; mov qword [rax],0; jmp [rcx+24]   (to uc_emu_stop(uc))
#   2: ret
_NATIVE = bytes.fromhex(
    "488b01 483b4108 730a 8930 895004 48830108 c3 488b4110 4885c0 740a 48c70000000000 ff6118 c3"
)
_BLOCK = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_uint64, ctypes.c_uint32, ctypes.c_void_p)
_ENTRY = 8  # bytes: the low half of the address, the size
_NEXT, _END, _BUDGET, _STOP = range(4)


class Trace:
    """The blocks since the last clear().

    room: how many can be noted; the pages behind them are touched as they fill. limit: the engine's run ends, as one
    that has spent its budget, where one block more than that would begin (0: never). Make it before the guest runs;
    the engine must count its blocks.
    """

    def __init__(self, engine: Engine, room: int, limit: int = 0) -> None:
        assert engine.budget is not None, "an engine that counts its blocks"
        self._buffer = mmap.mmap(-1, _ENTRY * max(room, 1))
        self._base = ctypes.addressof(ctypes.c_char.from_buffer(self._buffer))
        stop = ctypes.cast(_lib.uc_emu_stop, ctypes.c_void_p).value or 0
        budget = engine.budget.cell if limit else 0
        end = self._base + _ENTRY * (min(limit, room) if limit else room)
        self._cell = (ctypes.c_uint64 * 4)(self._base, end, budget, stop)
        self._engine = engine
        self._callback: Any = ctypes.c_void_p(native.address(_NATIVE)) if native.is_here() else _BLOCK(self._note)
        handle, cell = ctypes.c_size_t(), ctypes.byref(self._cell)
        everywhere = ctypes.c_uint64(1), ctypes.c_uint64(0)
        _lib.uc_hook_add(engine.uc._uch, ctypes.byref(handle), UC_HOOK_BLOCK, self._callback, cell, *everywhere)

    def _note(self, _uc: int, address: int, size: int, _data: int) -> None:
        at = int(self._cell[_NEXT])
        if at < self._cell[_END]:
            ctypes.c_uint32.from_address(at).value = address & 0xFFFFFFFF
            ctypes.c_uint32.from_address(at + 4).value = size
            self._cell[_NEXT] = at + _ENTRY
        elif self._cell[_BUDGET]:
            ctypes.c_uint64.from_address(int(self._cell[_BUDGET])).value = 0
            self._engine.stop()

    def __len__(self) -> int:
        return (int(self._cell[_NEXT]) - self._base) // _ENTRY

    @property
    def full(self) -> bool:
        """Is there no room for another block?"""
        return bool(self._cell[_NEXT] == self._cell[_END])

    def blocks(self, first: int = 0, end: int | None = None) -> bytes:
        """The entries from the first to before the end one, to be compared with others."""
        return self._buffer[_ENTRY * first : _ENTRY * (len(self) if end is None else end)]

    def clear(self) -> None:
        """Note from the start again."""
        self._cell[_NEXT] = self._base

    def block(self, index: int) -> tuple[Virt, int]:
        """Address and size of one block. Kernel code lies in the top 2 GiB."""
        entry = self.blocks(index, index + 1)
        low = int.from_bytes(entry[:4], "little")
        return (low ^ 1 << 31) - (1 << 31) & 0xFFFFFFFFFFFFFFFF, int.from_bytes(entry[4:], "little")


def first_difference(one: bytes, other: bytes) -> int:
    """The index of the first entry in which two pieces of traces differ; the length of the shorter one where it is the
    start of the longer one.
    """
    low, high = 0, min(len(one), len(other)) // _ENTRY
    while low < high:
        middle = (low + high + 1) // 2
        if one[_ENTRY * low : _ENTRY * middle] == other[_ENTRY * low : _ENTRY * middle]:
            low = middle
        else:
            high = middle - 1
    return low


def last_instruction(code: bytes, at: Virt) -> Virt:
    """Where the last instruction of a block of code at an address begins."""
    from capstone import CS_ARCH_X86, CS_MODE_64, Cs

    last = at
    for address, size, _, _ in Cs(CS_ARCH_X86, CS_MODE_64).disasm_lite(code, at):
        last = address if size else last
    return last
