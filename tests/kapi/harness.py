"""Calls kernel functions as a module would, but without a machine: a bare Kernel with memory, printf, log, and a heap
that only grows.
"""

from types import SimpleNamespace
from typing import Any, get_args

import kapi
from runtime.c import CType, VaList
from runtime.errors import KernelBug
from runtime.printk.arguments import Values
from runtime.printk.log import Log
from runtime.undo import Undo
from tests.runtime.printk.guest import ABI, Guest

WORD = (1 << 64) - 1


class Trouble:
    """What kernel functions complain to."""

    def __init__(self) -> None:
        self.said: list[tuple[Any, ...]] = []

    def warn(self, site: str, *args: object) -> None:
        self.said.append(("warn", site, *args))

    def warning(self, text: bytes) -> None:
        self.said.append(("warning", text))

    def bug(self, site: str, *args: object) -> None:
        raise KernelBug(site, *args)

    def dump_stack(self) -> None:
        self.said.append(("dump_stack",))


class Heap:
    """kmalloc() that can be told to fail."""

    def __init__(self, guest: Guest) -> None:
        self.guest, self.fails, self.sizes = guest, False, list[int]()

    def kmalloc(self, size: int, gfp: int) -> int:
        self.sizes.append(size)
        return 0 if self.fails else self.guest.put(b"\xaa" * size)


class Provider:
    """Variables that Python provides, made when first asked for."""

    def __init__(self, kernel: Any, guest: Guest) -> None:
        self.kernel, self.guest, self.made = kernel, guest, dict[str, int]()

    def address(self, name: str) -> int:
        if name not in self.made:
            symbol = kapi.data[name]
            size = symbol.size if isinstance(symbol.size, int) else ABI.sizeof(symbol.size)
            self.made[name] = self.guest.put(bytes(size))
            symbol.fill(self.kernel, self.made[name])
        return self.made[name]


class Machine:
    """call(name, *arguments) gives the result as C has it; strings are put into memory first."""

    def __init__(self) -> None:
        self.guest = guest = Guest()
        self.trouble = Trouble()
        self.clock: Any = SimpleNamespace(ns=0, hz=250, jiffies=1000)
        self.clock.event, self.clock.events = lambda: self.clock.ns, lambda count: (self.clock.ns, 0)
        self.kernel: Any = SimpleNamespace(
            abi=ABI, mem=guest.mem, printf=guest.printf, trouble=self.trouble, clock=self.clock, slab=Heap(guest),
            current=SimpleNamespace(pid=42), cpu=SimpleNamespace(in_interrupt=lambda: False),
        )  # fmt: skip
        guest.printf.warn = self.trouble.warn
        self.kernel.provider = Provider(self.kernel, guest)
        self.kernel.log = Log(Undo(False), self.clock, lambda: 42)
        self.mem = guest.mem

    def call(self, name: str, *arguments: int | bytes) -> Any:
        function = kapi.functions[name]
        words = [self.guest.string(arg) if isinstance(arg, bytes) else arg for arg in arguments]
        hints = list(function.__annotations__.items())[1:]
        args: list[Any] = []
        for index, (parameter, hint) in enumerate(hints):
            if parameter == "return":
                continue
            args.append(Values(*words[index:]) if hint is VaList else convert(words[index], ctype(hint)))
        result = function(self.kernel, *args)
        returns = dict(hints)["return"]
        return None if returns is None else convert(result, ctype(returns))

    def lines(self) -> list[str]:
        """The log, with levels and without times."""
        return [f"<{record.level}> {record.text}" for record in self.kernel.log.read()]


def ctype(hint: Any) -> CType:
    found = next(extra for extra in get_args(hint)[1:] if isinstance(extra, CType))
    assert isinstance(found, CType)
    return found


def convert(value: int, kind: CType) -> int:
    """A register's content as a value of a C type."""
    value &= (1 << 8 * kind.size) - 1
    return value - (1 << 8 * kind.size) if kind.signed and value >> 8 * kind.size - 1 else value
