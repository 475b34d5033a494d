"""What a printk() prints of its arguments: values that are passed, or memory that they point to."""

from enum import Enum
from typing import Any

from runtime.c import VaList
from runtime.cpu.varargs import RegisterVarArgs
from runtime.errors import GuestFault

Piece = tuple[bytes, list[int]]
"""The text of one conversion, and the arguments that it took."""


class Printed(Enum):
    VALUE = "an argument is another one"
    MEMORY = "an argument points to other bytes"


def printed(k: Any, function: Any, arguments: tuple[int, ...]) -> list[Piece]:
    """What each conversion of a call that is about to be made gives; nothing where it has no format."""
    names = function.__code__.co_varnames[1 : function.__code__.co_argcount]
    if "fmt" not in names:
        return []
    hints = function.__annotations__
    if hints[names[-1]] is VaList:
        source: Any = RegisterVarArgs(k.cpu.r, k.mem, len(names) - 1)
    else:
        source = k.printf.arguments(arguments[names.index("args")]) if "args" in names else None
    try:
        return _pieces(k, arguments[names.index("fmt")], source) if source is not None else []
    except GuestFault:
        return []


def _pieces(k: Any, fmt: int, source: Any) -> list[Piece]:
    found: list[Piece] = []
    for convert in k.printf.conversions(k.mem.cstr(fmt)):
        taken: list[int] = []

        def take(into: list[int] = taken) -> int:
            into.append(source.u64())
            return into[-1]

        found.append((_bytes(convert(take)), taken))
    return found


def handed_out(before: list[Piece] | None, after: list[Piece] | None) -> Printed:
    """Why two calls print different texts."""
    for (text, taken), (other, instead) in zip(before or (), after or (), strict=False):
        if text != other:
            return Printed.MEMORY if taken == instead else Printed.VALUE
    return Printed.MEMORY


def _bytes(piece: Any) -> bytes:
    return piece if isinstance(piece, bytes) else str(piece).encode()
