"""Guest RAM: one mmap, read through views, written through methods.

Everything here is indexed by phys. Reads go straight to the views (u64[phys >> 3] takes 25 ns); writes go through the
methods, since a machine that is rewound has to know which pages Python wrote. What the guest itself writes, the dirty
bits of its page tables tell (runtime/snapshot.py).
"""

import ctypes
import mmap
from collections import deque
from collections.abc import Callable, Sequence

from runtime.undo import Undo
from runtime.units import PAGE_SHIFT, PAGE_SIZE, Pfn, Phys

_ZEROS = bytes(PAGE_SIZE)
_NORESERVE = 0x4000  # untouched RAM costs nothing, however large


class Ram:
    """size bytes from phys 0, zero at first.

    written: pfns that Python wrote, kept by the methods of RewindableRam. initial: what pages hold that were not zero
    before anybody wrote them (pfn -> bytes).
    """

    def __init__(self, size: int) -> None:
        self.size = size
        self.mem = mmap.mmap(-1, size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | _NORESERVE)
        self.written: set[Pfn] = set()
        self.initial: dict[Pfn, bytes] = {}
        # Whoever writes through a view tells this of the pfn, on a hot path. Here it is forgotten.
        nowhere: deque[Pfn] = deque(maxlen=0)
        self.touched: Callable[[Pfn], object] = nowhere.append
        self.u8 = memoryview(self.mem)
        self.u16 = self.u8.cast("H")
        self.u32 = self.u8.cast("I")
        self.u64 = self.u8.cast("Q")
        self.i32 = self.u8.cast("i")
        self.i64 = self.u8.cast("q")
        self.host = ctypes.addressof(ctypes.c_char.from_buffer(self.mem))

    def write(self, phys: Phys, data: bytes) -> None:
        """Copy data to phys."""
        self.mem[phys : phys + len(data)] = data

    def write_each(self, places: Sequence[Phys], data: bytes) -> None:
        """Copy data to each of several places, none of which crosses the end of a page."""
        mem, size = self.mem, len(data)
        for phys in places:
            mem[phys : phys + size] = data

    def fill(self, phys: Phys, size: int, byte: int) -> None:
        """Set size bytes to one value."""
        ctypes.memset(self.host + phys, byte, size)

    def zero(self, phys: Phys, size: int) -> None:
        """Clear size bytes."""
        if size <= PAGE_SIZE:
            self.mem[phys : phys + size] = _ZEROS[:size]  # five times as fast as memset through ctypes
        else:
            ctypes.memset(self.host + phys, 0, size)

    def put64(self, phys: Phys, value: int) -> None:
        """Store 8 bytes; phys is a multiple of 8."""
        self.u64[phys >> 3] = value & 0xFFFFFFFFFFFFFFFF

    def put32(self, phys: Phys, value: int) -> None:
        """Store 4 bytes; phys is a multiple of 4."""
        self.u32[phys >> 2] = value & 0xFFFFFFFF

    def put16(self, phys: Phys, value: int) -> None:
        """Store 2 bytes; phys is even."""
        self.u16[phys >> 1] = value & 0xFFFF

    def put8(self, phys: Phys, value: int) -> None:
        """Store one byte."""
        self.u8[phys] = value & 0xFF

    def read(self, phys: Phys, size: int) -> bytes:
        """size bytes from phys."""
        return self.mem[phys : phys + size]


class RewindableRam(Ram):
    """Ram that notes the pages which Python writes."""

    def __init__(self, size: int) -> None:
        super().__init__(size)
        self.touched = self.written.add

    def _note(self, phys: Phys, size: int) -> None:
        self.written.update(range(phys >> PAGE_SHIFT, (phys + size - 1 >> PAGE_SHIFT) + 1))

    def write(self, phys: Phys, data: bytes) -> None:
        """Copy data to phys, and note the pages."""
        if data:
            end = phys + len(data)
            first, last = phys >> PAGE_SHIFT, end - 1 >> PAGE_SHIFT
            self.written.add(first)
            if first != last:
                self.written.update(range(first, last + 1))
            self.mem[phys:end] = data

    def write_each(self, places: Sequence[Phys], data: bytes) -> None:
        mem, size, note = self.mem, len(data), self.written.add
        for phys in places:
            note(phys >> PAGE_SHIFT)
            mem[phys : phys + size] = data

    def fill(self, phys: Phys, size: int, byte: int) -> None:
        if size:
            self._note(phys, size)
            ctypes.memset(self.host + phys, byte, size)

    def zero(self, phys: Phys, size: int) -> None:
        self.fill(phys, size, 0)

    def put64(self, phys: Phys, value: int) -> None:
        self.written.add(phys >> PAGE_SHIFT)
        self.u64[phys >> 3] = value & 0xFFFFFFFFFFFFFFFF

    def put32(self, phys: Phys, value: int) -> None:
        self.written.add(phys >> PAGE_SHIFT)
        self.u32[phys >> 2] = value & 0xFFFFFFFF

    def put16(self, phys: Phys, value: int) -> None:
        self.written.add(phys >> PAGE_SHIFT)
        self.u16[phys >> 1] = value & 0xFFFF

    def put8(self, phys: Phys, value: int) -> None:
        self.written.add(phys >> PAGE_SHIFT)
        self.u8[phys] = value & 0xFF


def make_ram(size: int, undo: Undo) -> Ram:
    """RAM for a machine: rewindable where undo keeps a journal."""
    return RewindableRam(size) if undo.journal else Ram(size)
