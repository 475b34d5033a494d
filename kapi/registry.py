"""The kernel's symbols that Python provides: functions, data and pieces of guest code, by name.

A file of kapi declares them; nothing is decoded before a module imports the symbol. Whether Linux exports a name, and
to GPL modules only,
is not said here: the committed export list of the kernel knows.
"""

import sys
from collections.abc import Callable
from typing import Any, TypeVar

from runtime.kernel import Kernel

F = TypeVar("F", bound=Callable[..., Any])

functions: dict[str, Callable[..., Any]] = {}
data: dict[str, "DataSymbol"] = {}
thunks: dict[str, bytes] = {}
files: dict[str, str] = {}
"""The file that declares each of these: `kapi.slab`."""
from_boot: dict[str, list[Callable[[Kernel], object]]] = {}
"""File -> what makes the things that its functions use and that Linux has from boot on."""


def _declare(table: dict[str, Any], name: str, symbol: Any) -> None:
    file = sys._getframe(2).f_globals["__name__"]
    if files.setdefault(name, file) != file:
        raise TypeError(f"{name} is declared in {files[name]} and in {file}")
    table[name] = symbol


class DataSymbol:
    """A variable of the kernel: size and alignment in bytes, and fill(k, virt), which writes what it holds at boot.
    static: no module can import it.

    percpu: the variable is in the static per-CPU area, and fill is called with the address of each CPU's copy. page:
    nothing else lies on its pages.
    """

    __slots__ = ("align", "fill", "page", "percpu", "size", "static")

    def __init__(
        self, size: int | str, align: int, percpu: bool, page: bool, static: bool, fill: Callable[[Kernel, int], None]
    ) -> None:
        self.size, self.align, self.percpu, self.page, self.static, self.fill = size, align, percpu, page, static, fill


def export(function: F) -> F:
    """Provide a kernel function under its own name; its annotations are its C prototype.

    Raises: TypeError at import for a parameter without annotation, and for a name that two files declare.
    """
    code = function.__code__
    if len(function.__annotations__) != code.co_argcount + 1:
        raise TypeError(f"{function.__module__}.{function.__name__}: annotate every parameter and the result")
    _declare(functions, function.__name__, function)
    return function


def may_fail(*values: int, refused: Callable[..., None] | None = None) -> Callable[[F], F]:
    """Declare what a function returns when it fails, the usual value first, so that a fault plan can make it fail.

    refused(k, *arguments, value) does what the function does besides when it fails.

    For functions that fail for other reasons than an allocation of their own, which fails by itself. Below @export.
    Not for those whose success can be known beforehand, so that a correct module may rely on it: kstrtoint() of digits,
    mutex_trylock() of a mutex that nobody has, try_module_get() of the module that runs, a notifier's registration.
    """

    def declare(function: F) -> F:
        function.may_fail, function.refused = values, refused  # type: ignore[attr-defined]
        return function

    return declare


def handed_to(method: Callable[[Kernel], Callable[..., Any]]) -> Callable[[F], F]:
    """Say that a function only calls a method of a part of the kernel, with its own arguments: then its trap does so.

    For what is called very often. Below @export.
    """

    def declare(function: F) -> F:
        function.handed_to = method  # type: ignore[attr-defined]
        return function

    return declare


def alias(name: str, function: F) -> F:
    """Provide the same function under another name that Linux exports."""
    _declare(functions, name, function)
    return function


def export_data(
    size: int | str, align: int = 8, percpu: bool = False, page: bool = False, static: bool = False
) -> Callable[[F], F]:
    """Provide a variable: size in bytes, or the name of the structure that it is.

    static: Linux does not export it; it is made with the functions of its file. The decorated function writes its first
    contents.
    """

    def declare(fill: F) -> F:
        _declare(data, fill.__name__, DataSymbol(size, align, percpu, page, static, fill))
        if static:
            has_from_boot(fill.__module__, lambda k: k.provider.address(fill.__name__))
        return fill

    return declare


def has_from_boot(file: str, make: Callable[[Kernel], object]) -> None:
    """Say that the functions of a file, which is __name__, use what make(k) makes, and Linux has from boot on.

    It is called when a module imports one of them, before that runs: so nothing is made anew where a machine is taken
    back to before a call. What is made already it leaves as it is.
    """
    from_boot.setdefault(file, []).append(make)


def guest_code(name: str, code: bytes) -> None:
    """Provide a function as machine code that runs in the guest: no trap, for what needs no Python."""
    _declare(thunks, name, code)
