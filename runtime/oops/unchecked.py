"""Was the result of a call that failed used without a look at it? The code between the call and the fault tells.

Followed is every way from the call on, with what holds the result: registers, and places of memory that were written by
the same name as they are read. A way ends where the result is compared. capstone is imported when the first fault after
an injected failure is reported, not before.
"""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from runtime.arch import x86_64 as arch
from runtime.oops import decode, pointers
from runtime.oops.event import Event
from runtime.units import PAGE_SIZE, Virt

KINDS = ("null-deref", "page-fault")
_MOST_STEPS = 2000
_ARGUMENTS = frozenset(arch.REGISTERS[number] for number in arch.ARGUMENTS)
_KEPT = frozenset(["rbx", "rbp", "rsp", "r12", "r13", "r14", "r15"])  # by who is called
_LOOKS = ("test", "cmp")


def _parts(wide: str) -> list[str]:
    """rax eax ax al ah; rsi esi si sil; r8 r8d r8w r8b."""
    if wide[1].isdigit():
        return [wide, wide + "d", wide + "w", wide + "b"]
    low = [wide[1] + "l", wide[1] + "h"] if wide[2] == "x" else [wide[1:] + "l"]
    return [wide, "e" + wide[1:], wide[1:], *low]


_WIDE = {part: wide for wide in arch.REGISTERS[:16] for part in _parts(wide)}

Read = Callable[[Virt], bytes]
Holders = frozenset[str]
"""What holds the result: names of 64-bit registers, and operands such as `[rbx + 0x10]`."""


class Way(NamedTuple):
    """Where the code goes on, and with what. depth: how many functions have been left since the call."""

    at: Virt
    holders: Holders
    depth: int


def pointer(event: Event) -> Virt | None:
    """The NULL or error pointer that a page fault is about; None where it is about neither, or about a call of it."""
    if event.error & arch.PF_INSTR:
        return None
    base = decode.base(event) if event.instruction else None
    if base is not None and pointers.is_error(base):
        return base
    if event.address < PAGE_SIZE:
        return 0
    return event.address if pointers.is_error(event.address) else None


def as_null(kind: str, message: str) -> tuple[str, str]:
    """A finding where it is known that NULL was used: address 16 is a member then, not ZERO_SIZE_PTR."""
    zero = pointers.describe(pointers.ZERO_SIZE_PTR)
    return ("null-deref", message.replace(zero, "NULL + 0x10")) if zero in message else (kind, message)


def is_used(read: Read, calls: tuple[Virt, ...], pc: Virt, trace: tuple[Virt, ...]) -> bool:
    """Does a way lead from the call to the fault on which nobody looks at the result?

    read(virt) gives the bytes of an instruction. calls: the return addresses of the call that failed, innermost first;
    pc, trace: the faulting instruction, or the kernel function, and the return addresses above it.
    """
    in_kernel = arch.KERNEL_TEXT <= pc < arch.KERNEL_DATA
    ways, seen = [Way(calls[0], frozenset(["rax"]), 0)], set[Way]()
    while ways and len(seen) < _MOST_STEPS:
        way = ways.pop()
        instruction = decode.instruction_at(read(way.at), way.at)
        if way in seen or instruction is None:
            continue
        seen.add(way)
        if way.at == pc:
            if _base(instruction) in way.holders:
                return True
            continue
        if in_kernel and instruction.mnemonic == "call" and trace[:1] == (way.at + instruction.size,):
            if way.holders & _ARGUMENTS:
                return True
            continue
        ways += _next(read, instruction, way, calls, trace)
    return False


def _next(read: Read, instruction: Any, way: Way, calls: tuple[Virt, ...], trace: tuple[Virt, ...]) -> Iterator[Way]:
    """The ways on from an instruction; none where it looks at the result, or where nothing holds it any more."""
    name, behind = instruction.mnemonic, way.at + instruction.size
    if name in _LOOKS and any(operand in way.holders for operand in _operands(instruction)):
        return
    if name == "ret":
        if "rax" in way.holders and way.depth + 1 < len(calls):
            yield Way(calls[way.depth + 1], frozenset(["rax"]), way.depth + 1)
    elif name == "call":
        if behind in trace:  # the fault lies in there
            if (target := _target(instruction)) and way.holders & _ARGUMENTS:
                yield Way(_body(read, target), way.holders & _ARGUMENTS, way.depth)
        elif kept := frozenset(holder for holder in way.holders if holder in _KEPT or holder[0] == "["):
            yield Way(behind, kept, way.depth)
    elif name[0] == "j":
        if target := _target(instruction):
            yield way._replace(at=target)
        if name != "jmp":
            yield way._replace(at=behind)
    elif holders := _holders(instruction, way.holders):
        yield Way(behind, holders, way.depth)


def _body(read: Read, function: Virt) -> Virt:
    """The first byte of a function behind its call of __fentry__(), which changes no register."""
    first = decode.instruction_at(read(function), function)
    return function + first.size if first is not None and first.mnemonic == "call" else function


def _holders(instruction: Any, holders: Holders) -> Holders:
    """What holds the result when the instruction has run."""
    operands = _operands(instruction)
    if instruction.mnemonic == "mov" and len(operands) == 2:
        return holders | {operands[0]} if operands[1] in holders else holders - {operands[0]}
    if instruction.mnemonic == "lea" and _base(instruction) in holders:
        return holders | {operands[0]}  # a member of what the pointer leads to
    if instruction.mnemonic in ("add", "sub") and operands[0] in holders and len(operands) == 2:
        return holders
    written = {_WIDE.get(instruction.reg_name(number)) for number in instruction.regs_access()[1]}
    return holders - written


def _operands(instruction: Any) -> list[str]:
    """Registers by their 64-bit names, memory as it is written but for variables: these by address."""
    words = [word.strip() for word in instruction.op_str.split(",")]
    return [_WIDE.get(word, word) if "[" not in word else _memory(word, instruction) for word in words]


def _memory(word: str, instruction: Any) -> str:
    place = word[word.find("[") :]
    if not place.startswith("[rip"):
        return place
    distance = int(place[len("[rip") : -1].replace(" ", "") or "0", 0)
    return f"[{instruction.address + instruction.size + distance:#x}]"


def _base(instruction: Any) -> str:
    """The register that the operand in memory begins with, "" for none."""
    text = instruction.op_str
    start = text.find("[") + 1
    return _WIDE.get(text[start:].replace("]", " ").split(" ")[0], "") if start else ""


def _target(instruction: Any) -> Virt:
    """Where a direct call or jump leads; 0 for another."""
    return int(instruction.op_str, 16) if instruction.op_str.startswith("0x") else 0
