"""Who provides a symbol: the chain that the loader asks. Functions and variables are made when the first module imports
them; what a function uses besides, and Linux has from boot on, when one imports that function.

A name that Linux exports and we lack is a function that stops the run when it is called, naming itself and its caller;
a variable refuses the load. A name that Linux does not export is unknown here as well.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from runtime.errors import Unsupported
from runtime.kernel import Kernel
from runtime.loader.host import Found
from runtime.units import Phys, Virt


class Variable(Protocol):
    """A kernel variable: size in bytes, or the structure that it is; page: nothing else lies on its pages; fill(k,
    virt) writes what it holds at boot. A per-CPU one is filled once for each CPU."""

    size: int | str
    align: int
    percpu: bool
    page: bool
    fill: Callable[[Kernel, Virt], None]


class Provider:
    """functions, variables, code: what kapi declares, by name. bind: makes the trap of a function. from_boot(name): all
    that makes things which a function uses, and which no call of it should have to make.
    """

    def __init__(
        self, kernel: Kernel, bind: Callable[[Callable[..., Any]], Callable[[], None]],
        functions: Mapping[str, Callable[..., Any]], variables: Mapping[str, Variable], code: Mapping[str, bytes],
        from_boot: Callable[[str], Sequence[Callable[[Kernel], object]]],
    ) -> None:  # fmt: skip
        self.kernel, self.bind, self.from_boot = kernel, bind, from_boot
        self.functions, self.variables, self.code = functions, variables, code
        self._made: dict[str, Virt] = kernel.undo.dict()
        self._found: dict[str, Found | None] = kernel.undo.dict()
        # Where a symbol lies if some module has imported it, else None.
        self.made: Callable[[str], Virt | None] = self._made.get

    def find(self, name: str) -> Found | None:
        """What the kernel exports under a name. Raises: Unsupported for a variable of Linux's that we lack."""
        if name not in self._found:
            export = self.kernel.abi.exports.find(name)
            if export is None:
                self._found[name] = None
            else:
                self._found[name] = Found(self.address(name, export.kind), export.crc, export.gpl, export.namespace)
        return self._found[name]

    def address(self, name: str, kind: str = "f") -> Virt:
        """Where a kernel symbol lies; it is made if need be. Per-CPU variables: their offset."""
        virt = self._made.get(name)
        if virt is None:
            virt = self._made[name] = self._make(name, kind)
        return virt

    def phys(self, name: str) -> Phys:
        """Where a variable of the kernel's lies in RAM, for one that is not per-CPU: it is always mapped."""
        return self.kernel.image.to_phys(self.address(name))

    def _make(self, name: str, kind: str) -> Virt:
        image = self.kernel.image
        if name in self.code:
            return image.code(name, self.code[name])
        if name in self.functions:
            for make in self.from_boot(name):
                make(self.kernel)
            return image.function(name, self.bind(self.functions[name]))
        if name in self.variables:
            return self._variable(name, self.variables[name])
        if kind == "d":
            raise Unsupported(f"the kernel variable {name} is not provided")
        return self.lacking(name)

    def lacking(self, name: str) -> Virt:
        """A function that stops the run, saying its name, when it is called."""
        return self.kernel.image.function(name, lambda: self._stop(name))

    def _variable(self, name: str, variable: Variable) -> Virt:
        k = self.kernel
        size = variable.size if isinstance(variable.size, int) else k.abi.sizeof(variable.size)
        if variable.percpu:
            offset: Virt = k.percpu.static_alloc(size, variable.align)
            for virt in k.percpu.copies(offset):
                variable.fill(k, virt)
            return offset
        virt = k.image.variable(name, size, variable.align, variable.page)
        self._made[name] = virt
        variable.fill(k, virt)
        return virt

    def _stop(self, name: str) -> None:
        stack = self.kernel.cpu.stack()
        caller = self.kernel.places.text(stack[0]) if stack else "an unknown caller"
        raise Unsupported(f"{name}() called from {caller}")
