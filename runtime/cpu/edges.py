"""Which way the conditional jumps of modules go: a byte for each address in the module area, set by the block counter.

The counter's native code knows where the block before ended. Where that is in a module, the byte of that address gets
FELL when the block that begins now begins there, and JUMPED when it begins elsewhere. That is exact; it costs nothing
that can be measured beside the counter itself (budget.py). Only the bytes behind conditional jumps mean something: what
ends otherwise, by a call or at the end of a page, leaves a byte as well.
"""

import ctypes
import mmap
import re
from typing import Any

from runtime.arch import x86_64 as arch
from runtime.units import Virt

FELL, JUMPED = 1, 2

# callback(uc, address in rsi, size in edx, cell in rcx). Words of the cell: blocks left, where to jump at the last one,
# end of the block before, first address of the area, its size, the byte of the first address.
#   decq (%rcx); jz 3f
#   mov 16(%rcx),%rax; mov %edx,%edx; add %rsi,%rdx; mov %rdx,16(%rcx)
#   mov %rax,%r8; sub 24(%rcx),%r8; cmp 32(%rcx),%r8; jae 1f
#   add 40(%rcx),%r8; xor %edx,%edx; cmp %rsi,%rax; setne %dl; inc %edx; or %dl,(%r8)
# 1: ret
# 3: movq $0,16(%rcx); jmp *8(%rcx)
NATIVE = bytes.fromhex(
    "48ff09 742c 488b4110 89d2 4801f2 48895110 4989c0 4c2b4118 4c3b4120 7311"
    "4c034128 31d2 4839f0 0f95c2 ffc2 410810 c3 48c7411000000000 ff6108"
)
_SIZE = arch.MODULES_END - arch.MODULES_VADDR
_SOME = re.compile(rb"[\1-\3]")


class Edges:
    """The bytes. cell: of the block counter, which has WORDS words behind its own two."""

    WORDS = 4

    def __init__(self) -> None:
        flags = mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | getattr(mmap, "MAP_NORESERVE", 0x4000)
        self._bytes = mmap.mmap(-1, _SIZE, flags=flags)
        if hasattr(mmap, "MADV_NOHUGEPAGE"):  # a huge page would take as long to clear as a module to run
            self._bytes.madvise(mmap.MADV_NOHUGEPAGE)
        self._cell: Any = None

    def attach(self, cell: Any) -> None:
        """Let the counter write here."""
        self._cell = cell
        cell[3], cell[4] = arch.MODULES_VADDR, _SIZE
        cell[5] = ctypes.addressof(ctypes.c_char.from_buffer(self._bytes))

    def note(self, address: Virt, size: int) -> None:
        """What the native code does, for a host that cannot run it."""
        end, self._cell[2] = self._cell[2], address + size
        if 0 <= end - arch.MODULES_VADDR < _SIZE:
            self._bytes[end - arch.MODULES_VADDR] |= FELL if address == end else JUMPED

    def interrupted(self) -> None:
        """The block that is running will not come to its end."""
        self._cell[2] = 0

    def take(self, first: Virt, end: Virt) -> list[tuple[int, int]]:
        """(offset from first, FELL or JUMPED or both) of what is noted in a range, which is empty then."""
        start, stop = first - arch.MODULES_VADDR, end - arch.MODULES_VADDR
        found = [(match.start(), match[0][0]) for match in _SOME.finditer(self._bytes[start:stop])]
        for offset, _ in found:
            self._bytes[start + offset] = 0
        return found
