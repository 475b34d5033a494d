"""What a fault plan asks about the machine (runtime.inject.point.Witness).

Names and lines of addresses are looked up when a plan asks for them, once for each address.
"""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from runtime.arch import x86_64 as arch
from runtime.errors import GuestFault
from runtime.inject.plan import Plan
from runtime.inject.point import Stack
from runtime.inject.text import parse
from runtime.units import Virt

if TYPE_CHECKING:
    from runtime.kernel import Kernel

_NOTICE = 5
_CALL, _CALL_SIZE = 0xE8, 5  # call rel32


class Witness:
    """functions: what the kernel provides, by name."""

    def __init__(self, kernel: "Kernel", functions: Mapping[str, Callable[..., Any]]) -> None:
        self.kernel, self.undo, self.const, self._functions = kernel, kernel.undo, kernel.abi.const, functions
        self._frames: dict[Virt, list[dict[str, Any]]] = {}
        self._symbols: dict[Virt, str] = {}
        self._newest: object = None  # the module that was loaded last when these were looked up

    def function(self, stack: Stack) -> str:
        """The kernel function whose trap is running; in a later step of one, the function that was called."""
        k = self.kernel
        symbol = k.symbols.lookup(k.cpu.r[arch.RIP])
        if symbol is None or symbol.name.startswith("kmodrun_"):
            symbol = k.symbols.lookup(self._target(stack[0]))
        return symbol.name if symbol is not None else ""

    def _target(self, virt: Virt) -> Virt:
        """Where the call before a return address goes; 0 where it is no direct call."""
        try:
            if self.kernel.mem.u8(virt - _CALL_SIZE) == _CALL:
                return virt + self.kernel.mem.i32(virt - _CALL_SIZE + 1) & arch.POINTER_MASK
        except GuestFault:
            pass
        return 0

    def values(self, function: str) -> tuple[int, ...] | None:
        found = self._functions.get(function)
        return None if found is None else getattr(found, "may_fail", ())

    def exported(self, function: str) -> bool:
        found = self.kernel.abi.exports.find(function)
        return found is not None and found.kind == "f"

    def in_atomic(self) -> bool:
        return self.kernel.mm.in_atomic()

    def in_interrupt(self) -> bool:
        return self.kernel.mm.in_interrupt()

    def task(self) -> str:
        return self.kernel.current.comm

    def module(self, virt: Virt) -> str:
        return self.kernel.modules.owner_name(virt)

    def _forget(self) -> None:
        """Another module may have come to the same addresses."""
        known = self.kernel.places.known
        newest = known[-1] if known else None
        if newest is not self._newest:
            self._newest = newest
            self._frames.clear()
            self._symbols.clear()

    def frames(self, virt: Virt) -> list[dict[str, Any]]:
        self._forget()
        found = self._frames.get(virt)
        if found is None:
            found = self._frames[virt] = self.kernel.places.frames([virt])
        return found

    def symbol(self, virt: Virt) -> str:
        self._forget()
        found = self._symbols.get(virt)
        if found is None:
            found = self._symbols[virt] = self.kernel.places.symbol(virt - 1)
        return found

    def shared(self, cache: str, name: str) -> bool:
        created = self.kernel.mm.books.caches.values()
        return any(own == name and made.name == cache for made, own, _, _ in created)

    def known(self) -> int:
        return len(self.kernel.places.known)

    def failed(self, value: int, stack: Stack) -> None:
        self.kernel.check.made_fail(value, self.kernel.cpu.r[arch.RIP], stack)

    def log(self, text: str, trace: bool) -> None:
        self.kernel.printk(_NOTICE, text)
        if trace:
            self.kernel.trouble.dump_stack()


def plan(kernel: "Kernel", texts: tuple[str, ...], functions: Mapping[str, Callable[..., Any]]) -> Plan:
    """The plan of these texts, on a machine. Raises: Usage."""
    return Plan(map(parse, texts), Witness(kernel, functions))
