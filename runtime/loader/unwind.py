"""Call stacks of guest code: how far it is from one return address on the stack to the next.

Debian's modules have no frame pointers. Each code address has a rule that gives the stack pointer of the caller (the
CFA: it points behind the return address). Rules come from .orc_unwind; a build without objtool has them in .debug_frame
only (cfi.py).

Two walks: `Steps`, a dict, for the hot path: almost every rule is stack pointer plus constant, so that a step is one
look-up. Where a rule needs a register, walk() does it all over, tracking rbp as the kernel's unwinder does.
Linux: arch/x86/kernel/unwind_orc.c, unwind_next_frame(); arch/x86/include/asm/orc_types.h, 6.1
"""

from bisect import bisect_right
from collections.abc import Callable, Sequence
from struct import Struct
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from runtime.loader.loaded import LoadedModule

UNDEFINED, PREV_SP, DX, DI, BP, SP, R10, R13, BP_INDIRECT, SP_INDIRECT = range(10)
CALL, REGS, REGS_PARTIAL = 0, 1, 2

Rule = tuple[int, int, int, int, int, bool]
"""(base of the CFA, its offset, base of the saved rbp, its offset, kind of frame, end of the stack?); bases are
ORC_REG_*.
"""

END: Rule = (UNDEFINED, 0, UNDEFINED, 0, CALL, True)
AT_ENTRY: Rule = (SP, 8, UNDEFINED, 0, CALL, False)
"""At a function's first instruction; also for a jump to NULL or to anywhere outside of text, which a call led to."""

SLOW = -1
_ENTRY = Struct("<hhH")
_IP = Struct("<i")
_MAX_FRAMES = 64


class Rules:
    """The rules of one module, by address: a rule holds from its address to the next one's."""

    def __init__(self, starts: list[int], rules: list[Rule]) -> None:
        self._starts, self._rules = starts, rules

    def find(self, virt: int) -> Rule:
        """The rule of the instruction at virt; END where there is none."""
        at = bisect_right(self._starts, virt) - 1
        return self._rules[at] if at >= 0 else END


class ModuleRules(Rules):
    """The rules of a module that is in guest memory, decoded when the first stack is walked."""

    def __init__(self, module: "LoadedModule", read: Callable[[int, int], bytes]) -> None:
        super().__init__([], [])
        self._source: tuple[LoadedModule, Callable[[int, int], bytes]] | None = (module, read)

    def find(self, virt: int) -> Rule:
        """The rule of the instruction at virt; END where there is none."""
        if self._source is not None:
            module, read = self._source
            self._source = None
            decoded = orc_rules(read, module.sections) or _debug_frame(module)
            if decoded is not None:
                self._starts, self._rules = decoded._starts, decoded._rules
        return super().find(virt)


def _debug_frame(module: "LoadedModule") -> Rules | None:
    from runtime.loader.cfi import cfi_rules

    return cfi_rules(module.elf, module.code_virt)


def module_rules(module: "LoadedModule", read: Callable[[int, int], bytes]) -> Rules:
    """Give the rules of a module: of .orc_unwind, else of .debug_frame. read(virt, size) reads guest memory."""
    return ModuleRules(module, read)


def orc_rules(read: Callable[[int, int], bytes], sections: dict[str, tuple[int, int]]) -> Rules | None:
    """Decode .orc_unwind of a relocated image; None where the module has none.

    read(virt, size) gives bytes of the image.
    """
    if ".orc_unwind" not in sections or ".orc_unwind_ip" not in sections:
        return None
    (base, size), (table, table_size) = sections[".orc_unwind_ip"], sections[".orc_unwind"]
    count = min(size // _IP.size, table_size // _ENTRY.size)
    entries = _ENTRY.iter_unpack(read(table, count * _ENTRY.size))
    pairs = []
    for number, ((displacement,), entry) in enumerate(
        zip(_IP.iter_unpack(read(base, count * _IP.size)), entries, strict=False)
    ):
        pairs.append((base + 4 * number + displacement, _decode(entry)))
    # A terminator ("nothing known from here on") stands left of a real rule for the same address.
    pairs.sort(key=lambda pair: (pair[0], pair[1][0] != UNDEFINED))
    return Rules([start for start, _ in pairs], [rule for _, rule in pairs])


def _decode(entry: tuple[int, int, int]) -> Rule:
    sp_offset, bp_offset, bits = entry
    return bits & 15, sp_offset, bits >> 4 & 15, bp_offset, bits >> 8 & 3, bool(bits >> 10 & 1)


class Steps(dict[int, int]):
    """Return address -> bytes from the stack slot that holds it to the slot of its caller's; 0: the walk ends; SLOW:
    use walk().

    find(virt) gives the rule of an instruction, END for an address that is no module's. Clear this dict when a module
    goes.
    """

    def __init__(self, find: Callable[[int], Rule]) -> None:
        super().__init__()
        self.find = find

    def __missing__(self, address: int) -> int:
        # The call is the instruction before: behind it may begin another function, with another rule.
        base, offset, _, _, kind, _ = self.find(address - 1)
        step = 0 if base == UNDEFINED else offset if base == SP and kind == CALL and offset > 0 else SLOW
        self[address] = step
        return step


class Frame:
    """Where a walk stands: the next instruction to run at this level, and what a caller's frame may need."""

    __slots__ = ("bp", "ip", "scratch", "signal", "sp")

    def __init__(self, ip: int, sp: int, bp: int, signal: bool, scratch: Sequence[int] = ()) -> None:
        self.ip, self.sp, self.bp, self.signal, self.scratch = ip, sp, bp, signal, scratch


def walk(
    find: Callable[[int], Rule], read: Callable[[int], int], frame: Frame, limit: int = _MAX_FRAMES
) -> list[tuple[int, int]]:
    """Give the return addresses above a frame, innermost first: (return address, virt of its stack slot).

    frame.signal: ip itself is the instruction (a fault), not the one after a call. read(virt) gives a word, and may
    raise anything: that ends the walk. frame.scratch: rdx, rdi, r10, r13 at a fault, where known. A frame is never
    invented: no rule, no frame.
    """
    found: list[tuple[int, int]] = []
    while len(found) < limit:
        rule = find(frame.ip if frame.signal else frame.ip - 1)
        try:
            cfa = _caller_sp(rule, frame, read)
            if cfa is None or cfa <= frame.sp and not (frame.signal and cfa == frame.sp):
                break
            ip = read(cfa - 8)
            bp = _caller_bp(rule, frame, cfa, read)
        except Exception:
            break
        found.append((ip, cfa - 8))
        frame = Frame(ip, cfa, bp, False)
    return found


def _caller_sp(rule: Rule, frame: Frame, read: Callable[[int], int]) -> int | None:
    base, offset, _, _, kind, _ = rule
    if kind != CALL or base == UNDEFINED:
        return None
    if base == SP:
        return frame.sp + offset
    if base == BP:
        return frame.bp + offset
    if base == SP_INDIRECT:
        return read(frame.sp) + offset
    if base == BP_INDIRECT:
        return read(frame.bp + offset)
    order = (DX, DI, R10, R13)
    return frame.scratch[order.index(base)] if frame.scratch and base in order else None


def _caller_bp(rule: Rule, frame: Frame, cfa: int, read: Callable[[int], int]) -> int:
    _, _, base, offset, _, _ = rule
    if base == PREV_SP:
        return read(cfa + offset)
    if base == BP:
        return read(frame.bp + offset)
    return frame.bp
