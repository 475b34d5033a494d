"""Which pages were written: by Python, as RewindableRam.written says; and by the guest: those whose page table entries
have D, below a directory entry that has A.

Both bits are cleared when they have been seen; after that the TLB has to be flushed, so that the CPU sets them again.
Every mark and rewind looks for these pages. That was a tenth of a sweep while Python did it: so a few bytes of native
code do, where the host can run them.
"""

import ctypes
from collections.abc import Iterable
from functools import partial
from typing import Any

from runtime import native
from runtime.arch import x86_64 as arch
from runtime.paging import PageTables
from runtime.ram import Ram
from runtime.units import PAGE_SHIFT, PAGE_SIZE, Pfn

_ENTRIES = PAGE_SIZE // 8
_SEEN = ~(arch.PTE_DIRTY | arch.PTE_ACCESSED)
_ACCESSED, _HUGE, _PHYS = arch.PTE_ACCESSED, arch.PTE_HUGE, arch.PTE_PHYS
_IS_DIRTY = bytes(bool(low & arch.PTE_DIRTY) for low in range(256))  # of the low byte of an entry

# search(cell in rdi). Words of the cell: host address of RAM, of the room for pfns, how many directory entries there
# are, the index of each as a word of RAM. Returns how many pfns it has found.
#   mov (%rdi),%r8; mov 8(%rdi),%rdx; mov 16(%rdi),%rcx; mov %rdx,%r11; movabs $0xffffffffff000,%r9
# 1: sub $1,%rcx; jb 6f
#   mov 24(%rdi),%rsi; add $8,%rdi; lea (%r8,%rsi,8),%rsi; btrq $5,(%rsi); jnc 1b        (A of the directory entry)
#   mov (%rsi),%rsi; and %r9,%rsi; add %r8,%rsi
# 2: mov (%rsi),%eax; or 8(%rsi),%eax; or 16(%rsi),%eax; or 24(%rsi),%eax                (eight entries at once)
#   or 32(%rsi),%eax; or 40(%rsi),%eax; or 48(%rsi),%eax; or 56(%rsi),%eax
#   test $0x40,%al; jnz 4f; add $64,%rsi
# 3: test $0xfff,%esi; jnz 2b; jmp 1b
# 4: mov (%rsi),%rax; test $0x40,%al; jz 5f                                               (D of one)
#   andb $0x9f,(%rsi); and %r9,%rax; shr $12,%rax; mov %rax,(%rdx); add $8,%rdx
# 5: add $8,%rsi; test $0x38,%sil; jnz 4b; jmp 3b
# 6: mov %rdx,%rax; sub %r11,%rax; shr $3,%rax; ret
_NATIVE = bytes.fromhex(
    "4c8b07 488b5708 488b4f10 4989d3 49b900f0ffffffff0f00"
    "4883e901 7269 488b7718 4883c708 498d34f0 480fba3605 73e7 488b36 4c21ce 4c01c6"
    "8b06 0b4608 0b4610 0b4618 0b4620 0b4628 0b4630 0b4638 a840 750e 4883c640 f7c6ff0f0000 75d9 ebb5"
    "488b06 a840 7411 80269f 4c21c8 48c1e80c 488902 4883c208 4883c608 40f6c638 75de ebd2"
    "4889d0 4c29d8 48c1e803 c3"
)
_FUNCTION = ctypes.PYFUNCTYPE(ctypes.c_size_t, ctypes.c_void_p)


class Dirty:
    """Of one address space."""

    def __init__(self, ram: Ram, tables: PageTables) -> None:
        self.ram, self.tables = ram, tables
        self._native = _FUNCTION(native.address(_NATIVE)) if native.is_here() else None
        self._filled, self._leaves = 0, list[int]()  # tables.filled and .leaves of which _prepare() was told
        self._prepare()

    def _prepare(self) -> None:
        # Directory entries have come or gone.
        self._filled, self._leaves = len(self.tables.filled), [*self.tables.leaves]
        every = [*self.tables.filled, *self._leaves]
        self._by_hand = [at for at in every if self._native is None or self.ram.u64[at] & _HUGE]
        if self._native is not None:
            searched = [at for at in every if not self.ram.u64[at] & _HUGE]
            room: Any = (ctypes.c_uint64 * (_ENTRIES * len(searched)))()
            self._cell = (ctypes.c_uint64 * (3 + len(searched)))(
                self.ram.host, ctypes.addressof(room), len(searched), *searched
            )
            self._found = memoryview(room).cast("B").cast("Q")
            self._search = partial(self._native, ctypes.c_void_p(ctypes.addressof(self._cell)))

    def changed(self) -> set[Pfn]:
        """The pages written since the last call. Of 2 MiB that are mapped as one and were used, all count."""
        written, tables = self.ram.written, self.tables
        pfns = written.copy()
        written.clear()
        if self._leaves != tables.leaves or self._filled != len(tables.filled):
            self._prepare()
        if self._native is not None:
            pfns.update(self._found[: self._search()])
        if self._by_hand:
            pfns.update(self._search_by_hand())
        return pfns

    def _search_by_hand(self) -> Iterable[Pfn]:
        mem, u64 = self.ram.mem, self.ram.u64
        for at in self._by_hand:
            entry = u64[at]
            if not entry & _ACCESSED:
                continue
            u64[at] = entry & ~_ACCESSED
            table = entry & _PHYS
            if entry & _HUGE:
                first = table >> PAGE_SHIFT & -_ENTRIES
                yield from range(first, first + _ENTRIES)
                continue
            dirty = mem[table : table + PAGE_SIZE : 8].translate(_IS_DIRTY)
            index = dirty.find(1)
            while index >= 0:
                word = (table >> 3) + index
                entry = u64[word]
                u64[word] = entry & _SEEN
                yield (entry & _PHYS) >> PAGE_SHIFT
                index = dirty.find(1, index + 1)
