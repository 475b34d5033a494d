"""Traps: how the guest calls Python.

Every kernel function has a stub of 16 bytes in kernel text that holds `ret`. Arriving there calls the function bound to
that address: it reads its arguments, runs, writes rax, and the guest returns by itself. The reader of the arguments is
generated from the prototype, once, when the first module imports the function.
"""

from collections.abc import Callable
from typing import Annotated, Any, get_args, get_origin

from runtime.arch import x86_64 as arch
from runtime.c import STEPPED, CType, VaList
from runtime.cpu.engine import Engine
from runtime.cpu.varargs import RegisterVarArgs
from runtime.memory import Memory
from runtime.undo import Undo
from runtime.units import Virt

STUB_SIZE = 16
# How to read an argument of (size, signed): in register n, whose low half is m in views of 32 bits; on the stack.
_VIEWS = {
    (8, False): "r[{n}]", (4, False): "d[{m}]", (2, False): "d[{m}] & 0xffff", (1, False): "d[{m}] & 0xff",
    (8, True): "s64(r[{n}])", (4, True): "i[{m}]", (2, True): "s16(d[{m}])", (1, True): "s8(d[{m}])",
}  # fmt: skip
_STACK = {
    (8, False): "u64({at})", (4, False): "u32({at})", (2, False): "u16({at})", (1, False): "u8({at})",
    (8, True): "i64({at})", (4, True): "i32({at})", (2, True): "i16({at})", (1, True): "i8({at})",
}  # fmt: skip


def s64(value: int) -> int:
    return (value ^ 1 << 63) - (1 << 63)


def s16(value: int) -> int:
    return (value & 0xFFFF ^ 0x8000) - 0x8000


def s8(value: int) -> int:
    return (value & 0xFF ^ 0x80) - 0x80


def ctype_of(annotation: Any) -> CType | None:
    """The C type that an annotation means; None for `None` (void). Raises: TypeError for anything else."""
    if annotation is None:
        return None
    if get_origin(annotation) is Annotated:
        for extra in get_args(annotation)[1:]:
            if isinstance(extra, CType):
                return extra
        inner = get_args(annotation)[0]
        for choice in get_args(inner):
            if get_origin(choice) is Annotated or choice is type(None):
                return None if choice is type(None) else ctype_of(choice)
    raise TypeError(f"{annotation!r} is not a C type")


def is_stepped(annotation: Any) -> bool:
    """May the function return Call or Wait?"""
    return get_origin(annotation) is Annotated and STEPPED in get_args(annotation)[1:]


class Binder:
    """Makes, of a function and its annotations, what a trap calls: a function without arguments."""

    def __init__(self, engine: Engine, mem: Memory, kernel: Any, step: Callable[[Any, int], None]) -> None:
        self._names = {
            "r": engine.r, "d": engine.d, "i": engine.i, "k": kernel, "s64": s64, "s16": s16, "s8": s8, "step": step,
            "VarArgs": RegisterVarArgs, "mem": mem,
            "u64": mem.u64, "i64": mem.i64, "u32": mem.u32, "i32": mem.i32, "u16": mem.u16, "i16": mem.i16,
            "u8": mem.u8, "i8": mem.i8,
        }  # fmt: skip

    def bind(self, function: Callable[..., Any]) -> Callable[[], None]:
        """The trap of one kernel function."""
        names = function.__code__.co_varnames[: function.__code__.co_argcount]
        hints = function.__annotations__
        arguments = [self._reader(hints[name], index) for index, name in enumerate(names[1:])]
        fixed = len(arguments) - 1
        # One list serves all calls, as each is over before the next one begins.
        variadic = hints.get(names[-1]) is VaList and not is_stepped(hints["return"])
        if variadic:
            arguments[fixed] = "va"
        handed_to = getattr(function, "handed_to", None)
        call = f"fn({', '.join(arguments if handed_to else ['k', *arguments])})"
        values = getattr(function, "may_fail", ())
        refused = getattr(function, "refused", None)
        effect = f"   refused({', '.join(['k', *arguments, 'v'])})\n" if refused else ""
        refusal = self._refusal(hints["return"], function.__name__, effect) if values else ""
        begin = f" va.next = {fixed}\n" if variadic else ""
        source = f"def {function.__name__}():\n{begin}{refusal}" + self._call(hints["return"], call)
        namespace: dict[str, Any] = {**self._names, "fn": function, "values": values, "refused": refused}
        if variadic:
            namespace["va"] = RegisterVarArgs(self._names["r"], self._names["mem"], fixed)
        if handed_to:
            namespace["fn"] = handed_to(self._names["k"])
        exec(source, namespace)
        bound: Callable[[], None] = namespace[function.__name__]
        return bound

    def _reader(self, hint: Any, index: int) -> str:
        if hint is VaList:
            return f"VarArgs(r, mem, {index})"
        ctype = ctype_of(hint)
        assert ctype is not None
        if index < len(arch.ARGUMENTS):
            register = arch.ARGUMENTS[index]
            return _VIEWS[ctype.size, ctype.signed].format(n=register, m=2 * register)
        at = f"r[{arch.RSP}] + {8 * (index - len(arch.ARGUMENTS) + 1)}"
        return _STACK[ctype.size, ctype.signed].format(at=at)

    def _refusal(self, hint: Any, name: str, effect: str) -> str:
        """Ask the fault plan before a function that declares how it fails."""
        ctype = ctype_of(hint)
        assert ctype is not None, f"{name}() returns nothing, and so cannot fail"
        mask = (1 << 8 * ctype.size) - 1
        return (
            " if k.mm.plan is not None:\n"
            f"  v = k.mm.plan.refuses({name!r}, values, k.mm.stack())\n"
            f"  if v is not None:\n{effect}   r[0] = v & {mask:#x}\n   return\n"
        )

    def _call(self, hint: Any, call: str) -> str:
        ctype = ctype_of(hint)
        mask = (1 << 8 * ctype.size) - 1 if ctype is not None else 0
        if is_stepped(hint):
            store = f" if v.__class__ is int: r[0] = v & {mask:#x}\n elif v is not None: step(v, {mask:#x})\n"
            return f" v = {call}\n{store}"
        return f" r[0] = {call} & {mask:#x}\n" if ctype is not None else f" {call}\n"


class Stubs:
    """The addresses of kernel functions. `table` maps the address of a stub to what its trap calls."""

    def __init__(self, first: Virt, size: int, undo: Undo) -> None:
        self.first, self.end = first, first + size
        self.next = first
        self.table: dict[Virt, Callable[[], None]] = undo.dict()
        undo.adopt(self)

    def add(self, trap: Callable[[], None]) -> Virt:
        """A new stub; its virt. The machine sees to it that the page behind holds `ret`."""
        virt = self.next
        if virt >= self.end:
            raise MemoryError("no stub is left")
        self.next += STUB_SIZE
        self.table[virt] = trap
        return virt
