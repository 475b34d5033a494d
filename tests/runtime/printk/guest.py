"""Guest memory for printf: 64 pages, filled from the front."""

from typing import Any

from runtime.abi import Abi, load
from runtime.arch import x86_64 as arch
from runtime.memory import Memory
from runtime.paging import PageTables
from runtime.printk.arguments import Values
from runtime.printk.format import Printf
from runtime.ram import Ram
from runtime.symbols import Symbol
from runtime.units import PAGE_SIZE

BASE = arch.PAGE_OFFSET + 0x200000
PAGES = 64
KEY = (0x0706050403020100, 0x0F0E0D0C0B0A0908)
ABI: Abi = load()


def memory() -> Memory:
    ram = Ram(4 << 20)
    free = iter(range(0x100000, 0x200000, PAGE_SIZE))
    tables = PageTables(ram, lambda: next(free))
    tables.map_range(BASE, 0x200000, PAGES * PAGE_SIZE, arch.KERNEL)
    return Memory(ram, tables)


class Guest:
    """A printf with memory of its own, two symbols, and a list of what it warned about."""

    def __init__(self, hash_pointers: bool = True) -> None:
        self.mem = memory()
        self.free = BASE
        self.warned: list[tuple[Any, ...]] = []
        self.printf = Printf(self.mem, ABI, symbol, KEY, lambda *what: self.warned.append(what), hash_pointers)

    def put(self, data: bytes, align: int = 8) -> int:
        """Copy data into memory; its address."""
        virt = self.free + align - 1 & -align
        self.mem.write(virt, data)
        self.free = virt + len(data)
        return virt

    def string(self, data: bytes) -> int:
        return self.put(data + b"\0", 1)

    def structure(self, name: str, **members: int) -> int:
        """A zeroed structure with some members set."""
        virt = self.put(bytes(ABI.sizeof(name)))
        view = ABI.view(name)(self.mem, virt)
        for member, value in members.items():
            setattr(view, member, value)
        return virt

    def words(self, *args: int | bytes) -> list[int]:
        """Arguments as words; strings are put into memory."""
        return [self.string(arg) if isinstance(arg, bytes) else arg for arg in args]

    def format(self, fmt: bytes, *args: int | bytes) -> bytes:
        return self.printf.format(fmt, Values(*self.words(*args)))

    def va_list(self, *args: int | bytes) -> int:
        """A va_list of which two registers are left."""
        words = self.words(*args)
        save = self.put(
            b"".join(word.to_bytes(8, "little") for word in [0xBAD] * 4 + words[:2] + [0xBAD] * (2 - len(words[:2])))
        )
        overflow = self.put(b"".join(word.to_bytes(8, "little") for word in words[2:]))
        return self.put(
            (32).to_bytes(4, "little")
            + (48).to_bytes(4, "little")
            + overflow.to_bytes(8, "little")
            + save.to_bytes(8, "little")
        )


def symbol(virt: int) -> Symbol | None:
    """vfs_read is a function of the kernel, mod_init one of a module."""
    for name, start, size, module in (
        ("vfs_read", 0xFFFFFFFF81000000, 0x80, None),
        ("mod_init", 0xFFFFFFFFC0000000, 0x60, "mod"),
    ):
        if start <= virt < start + size:
            return Symbol(name, virt - start, size, module)
    return None
