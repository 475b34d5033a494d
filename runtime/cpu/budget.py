"""Counting basic blocks: what decides that the guest hangs, at the same block in each run.

The counter is a few bytes of native code that Unicorn calls at each block; it costs 20 % of the guest's speed, so that
only runs which a watchdog suspected are repeated with it. On a host that is not x86-64 the counter is Python.
"""

import ctypes
from typing import Any

from unicorn import UC_HOOK_BLOCK
from unicorn.unicorn_py3.unicorn import Uc

from runtime import native
from runtime.cpu.edges import NATIVE, Edges

# callback(uc, address, size, cell in rcx): dec qword [rcx]; jz 1f; ret; 1: jmp [rcx + 8]   (to uc_emu_stop(uc))
_NATIVE = bytes.fromhex("48ff09 7401 c3 ff6108")
SPENT = 1 << 63  # and above: below zero
_BLOCK = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_uint64, ctypes.c_uint32, ctypes.c_void_p)


class BlockBudget:
    """Stops the engine after so many blocks, counted over all its runs until somebody sets `left` again.

    edges: where it notes how blocks end, on the way. words[0]: what is left; 0, or above SPENT, is nothing.
    """

    def __init__(self, lib: ctypes.CDLL, uc: Uc, blocks: int, edges: Edges | None = None) -> None:
        self.blocks, self._edges = blocks, edges
        stop = ctypes.cast(lib.uc_emu_stop, ctypes.c_void_p).value or 0
        self.words = (ctypes.c_uint64 * (2 + Edges.WORDS))(blocks, stop)
        if edges is not None:
            edges.attach(self.words)
        self._stop = lambda: lib.uc_emu_stop(uc._uch)
        code = _NATIVE if edges is None else NATIVE
        self._callback: Any = ctypes.c_void_p(native.address(code)) if native.is_here() else _BLOCK(self._count)
        handle, cell = ctypes.c_size_t(), ctypes.byref(self.words)
        everywhere = ctypes.c_uint64(1), ctypes.c_uint64(0)
        lib.uc_hook_add(uc._uch, ctypes.byref(handle), UC_HOOK_BLOCK, self._callback, cell, *everywhere)

    def _count(self, _uc: int, address: int, size: int, _data: int) -> None:
        self.words[0] -= 1
        if self._edges is not None:
            self._edges.note(address, size)
        if not self.words[0]:
            if self._edges is not None:
                self._edges.interrupted()
            self._stop()

    @property
    def cell(self) -> int:
        """The host address of `left`, for native code that ends the run."""
        return ctypes.addressof(self.words)

    def charge(self, blocks: int) -> None:
        """Take away more than the block that is running: a trap counts as several. The last ends the run."""
        left = self.words[0]
        if 0 < left < SPENT:
            self.words[0] = left - blocks if left > blocks else 1

    @property
    def left(self) -> int:
        """Blocks that may still run."""
        left: int = self.words[0]
        return left if left < SPENT else 0

    @left.setter
    def left(self, blocks: int) -> None:
        self.words[0] = blocks

    @property
    def spent(self) -> bool:
        """Has the guest run all the blocks that it had?"""
        return not 0 < self.words[0] < SPENT
