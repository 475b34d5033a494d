"""The arguments of a kernel function, as its prototype has them, for who looks at calls without being called."""

from collections.abc import Callable
from typing import Any

from runtime.c import VaList
from runtime.cpu.traps import Binder


class Arguments(Binder):
    """Reads the arguments of the trap that is running."""

    def reader(self, function: Callable[..., Any]) -> Callable[[], tuple[int, ...]]:
        """What gives the arguments, each cut to the width of its type; variadic ones are not among them."""
        hints, names = function.__annotations__, self.parameters(function)
        values = "".join(self._reader(hints[name], index) + ", " for index, name in enumerate(names))
        made: Callable[[], tuple[int, ...]] = eval(f"lambda: ({values})", dict(self._names))
        return made

    @staticmethod
    def parameters(function: Callable[..., Any]) -> list[str]:
        """The names of those arguments."""
        names = function.__code__.co_varnames[1 : function.__code__.co_argcount]
        return [name for name in names if function.__annotations__[name] is not VaList]
