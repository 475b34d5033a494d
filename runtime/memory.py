"""Kernel virtual memory, as Python reads and writes it: through the guest's page tables, in any alignment.

An address that is not mapped, or not writable, raises GuestFault: the page fault that the kernel function would have
taken. `lazy` is asked first: it may map what is only filled when somebody looks (struct pages). No bytes are no access:
reading or writing none never faults.
"""

from collections.abc import Callable, Iterator

from runtime.arch import x86_64 as arch
from runtime.errors import GuestFault
from runtime.paging import PageTables
from runtime.ram import Ram
from runtime.units import PAGE_MASK, PAGE_SHIFT, PAGE_SIZE, Phys, Virt


class Memory:
    """Reads and writes by virt. lazy(virt) -> True: it has just mapped that page, look again."""

    def __init__(self, ram: Ram, tables: PageTables, lazy: Callable[[Virt], bool] | None = None) -> None:
        self.ram, self.tables, self.lazy = ram, tables, lazy
        self._mem, self._readable, self._writable = ram.mem, tables.readable, tables.writable
        self._u32, self._u64 = ram.u32, ram.u64

    def phys(self, virt: Virt) -> Phys:
        """Where virt lies in RAM. Raises: GuestFault where it is not mapped."""
        page = self._readable.get(virt >> PAGE_SHIFT)
        return (self._find(virt, False) if page is None else page) | virt & PAGE_MASK

    def phys_w(self, virt: Virt) -> Phys:
        """Where virt lies in RAM, to write to. Raises: GuestFault where it is not mapped or read-only."""
        page = self._writable.get(virt >> PAGE_SHIFT)
        return (self._find(virt, True) if page is None else page) | virt & PAGE_MASK

    def _find(self, virt: Virt, write: bool) -> Phys:
        phys, flags = self.tables.lookup(virt)
        if not flags and self.lazy is not None and self.lazy(virt):
            phys, flags = self.tables.lookup(virt)
        if not flags & arch.PTE_PRESENT or (write and not flags & arch.PTE_WRITE):
            raise GuestFault(virt & arch.POINTER_MASK, write)
        page = phys & ~PAGE_MASK
        (self._writable if write else self._readable)[virt >> PAGE_SHIFT] = page
        self.tables.cached.setdefault(virt >> 21, []).append(virt >> PAGE_SHIFT)
        return page

    def read(self, virt: Virt, size: int) -> bytes:
        """size bytes."""
        if not size:
            return b""
        phys = self.phys(virt)
        if (phys & PAGE_MASK) + size <= PAGE_SIZE:
            return self.ram.mem[phys : phys + size]
        return b"".join(self.ram.mem[p : p + n] for p, n in self._pieces(virt, size, self.phys))

    def write(self, virt: Virt, data: bytes) -> None:
        """Store data. What lies before the first page that faults is stored, as a kernel's copy would leave it."""
        if not data:
            return
        at = virt & PAGE_MASK
        if at + len(data) <= PAGE_SIZE:
            page = self._writable.get(virt >> PAGE_SHIFT)
            self.ram.write((self._find(virt, True) if page is None else page) | at, data)
            return
        done = 0
        for piece, size in self._pieces(virt, len(data), self.phys_w):
            self.ram.write(piece, data[done : done + size])
            done += size

    def fill(self, virt: Virt, size: int, byte: int) -> None:
        """Set size bytes to one value."""
        if 0 < size <= PAGE_SIZE - (virt & PAGE_MASK):
            self.ram.fill(self.phys_w(virt), size, byte)
        elif size:
            for piece, count in self._pieces(virt, size, self.phys_w):
                self.ram.fill(piece, count, byte)

    def _pieces(self, virt: Virt, size: int, translate: Callable[[Virt], Phys]) -> Iterator[tuple[Phys, int]]:
        """(phys, size) of each page's part, one after the other."""
        end = virt + size
        while virt < end:
            count = min(end - virt, PAGE_SIZE - (virt & PAGE_MASK))
            yield translate(virt), count
            virt += count

    def cstr(self, virt: Virt, limit: int | None = None) -> bytes:
        """The bytes before the NUL, at most limit."""
        mem = self._mem
        page = self._readable.get(virt >> PAGE_SHIFT) if limit is None else None
        if page is not None:  # most strings lie in one page that was read before
            phys = page | virt & PAGE_MASK
            end = mem.find(b"\0", phys, page + PAGE_SIZE)
            if end >= 0:
                return mem[phys:end]
        return self._long_cstr(virt, limit)

    def _long_cstr(self, virt: Virt, limit: int | None) -> bytes:
        parts, left = [], limit
        find = self.ram.mem.find
        while left is None or left > 0:
            phys = self.phys(virt)
            stop = (phys | PAGE_MASK) + 1
            if left is not None and stop - phys > left:
                stop = phys + left
            end = find(b"\0", phys, stop)
            parts.append(self.ram.mem[phys : end if end >= 0 else stop])
            if end >= 0:
                break
            virt += stop - phys
            left = None if left is None else left - (stop - phys)
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def strlen(self, virt: Virt, limit: int | None = None) -> int:
        """Bytes before the NUL, at most limit."""
        return len(self.cstr(virt, limit))

    def u8(self, virt: Virt) -> int:
        return self.ram.u8[self.phys(virt)]

    def u16(self, virt: Virt) -> int:
        return int.from_bytes(self.read(virt, 2), "little")

    def u32(self, virt: Virt) -> int:
        if virt & 3:
            return int.from_bytes(self.read(virt, 4), "little")
        page = self._readable.get(virt >> PAGE_SHIFT)
        return self._u32[((self._find(virt, False) if page is None else page) | virt & PAGE_MASK) >> 2]

    def u64(self, virt: Virt) -> int:
        if virt & 7:
            return int.from_bytes(self.read(virt, 8), "little")
        page = self._readable.get(virt >> PAGE_SHIFT)
        return self._u64[((self._find(virt, False) if page is None else page) | virt & PAGE_MASK) >> 3]

    def i8(self, virt: Virt) -> int:
        return int.from_bytes(self.read(virt, 1), "little", signed=True)

    def i16(self, virt: Virt) -> int:
        return int.from_bytes(self.read(virt, 2), "little", signed=True)

    def i32(self, virt: Virt) -> int:
        return int.from_bytes(self.read(virt, 4), "little", signed=True)

    def i64(self, virt: Virt) -> int:
        return int.from_bytes(self.read(virt, 8), "little", signed=True)

    def put8(self, virt: Virt, value: int) -> None:
        self.ram.put8(self.phys_w(virt), value)

    def put16(self, virt: Virt, value: int) -> None:
        self.write(virt, (value & 0xFFFF).to_bytes(2, "little"))

    def put32(self, virt: Virt, value: int) -> None:
        if virt & 3:
            self.write(virt, (value & 0xFFFFFFFF).to_bytes(4, "little"))
        else:
            page = self._writable.get(virt >> PAGE_SHIFT)
            self.ram.put32((self._find(virt, True) if page is None else page) | virt & PAGE_MASK, value)

    def put64(self, virt: Virt, value: int) -> None:
        if virt & 7:
            self.write(virt, (value & arch.POINTER_MASK).to_bytes(8, "little"))
        else:
            page = self._writable.get(virt >> PAGE_SHIFT)
            self.ram.put64((self._find(virt, True) if page is None else page) | virt & PAGE_MASK, value)
