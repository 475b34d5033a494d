"""The conditional jumps of a module's code: where they lead, and which of them check what a call returned.

Decoded from the file, not from memory: a jump to another section is a relocation there. Needs capstone.
"""

from bisect import bisect_right
from typing import NamedTuple

from runtime.loader.elf import SHF_ALLOC, SHF_EXECINSTR, SHN_UNDEF, Elf, Section

_RAX = ("rax", "eax")
_ERRORS_FROM = "-0x1000"  # a pointer above that is -errno; Linux: IS_ERR_VALUE()
_UNCONDITIONAL = ("jmp", "ljmp")
_ENDS = ("ret", "retf", "ud2", "hlt", "int3")
# The condition under which the flags say that the call failed, by what set them.
_NULL, _ERROR_POINTER, _ERRNO = "null", "error pointer", "errno"
_FAILS = {
    ("je", _NULL): True, ("jne", _NULL): False, ("ja", _ERROR_POINTER): True, ("jbe", _ERROR_POINTER): False,
    ("jne", _ERRNO): True, ("je", _ERRNO): False, ("js", _ERRNO): True, ("jns", _ERRNO): False,
}  # fmt: skip
_WORD = (1 << 64) - 1
_GUARD = "__stack_chk_fail"

Spot = tuple[int, int]
"""(section index, offset)"""
Instruction = tuple[int, int, str, str]
"""(offset, bytes, mnemonic, operands)"""


_COPIES = ("mov", "lea")  # change no flags


class Check(NamedTuple):
    """A jump that looks at what a call has returned.

    call: where that is; name: of the function called, "" where it is the module's own; how: what it takes for failure
    ("null", "error pointer", "errno": not 0, "negative"); failed: where a failure leads.
    """

    call: Spot
    name: str
    how: str
    failed: Spot


class Jump(NamedTuple):
    """A conditional jump. at: its first byte; end: the byte behind it, where it falls through; target: None where that
    lies outside of the module.
    """

    at: Spot
    end: Spot
    target: Spot | None
    check: Check | None


class Code:
    """The instructions of one module. All its executable sections are decoded.

    jumps: the conditional ones, without those at the ends of functions that look after the stack's canary.
    """

    def __init__(self, elf: Elf) -> None:
        import capstone

        self._elf = elf
        self._decoder = capstone.Cs(capstone.CS_ARCH_X86, capstone.CS_MODE_64)
        self._decoder.skipdata = True
        self._sections: dict[int, tuple[list[Instruction], list[int]]] = {}
        self.jumps: list[Jump] = []
        self._into: dict[Spot, list[bool]] = {}  # for each target of a jump: those that lead there, conditional or not
        self._guards: set[Spot] = set()
        for section in elf.sections:
            if section.flags & SHF_ALLOC and section.flags & SHF_EXECINSTR and section.size:
                self._read(section)
        self.jumps = [jump for jump in self.jumps if not {jump.end, jump.target} & self._guards]

    def _read(self, section: Section) -> None:
        text = bytes(self._elf.bytes_of(section))
        decoded: list[Instruction] = list(self._decoder.disasm_lite(text, 0))
        self._sections[section.index] = decoded, [instruction[0] for instruction in decoded]
        targets = {offset: (info >> 32, addend) for offset, info, addend in self._elf.rela_of(section)}
        for index, (offset, size, mnemonic, operands) in enumerate(decoded):
            if mnemonic == "call" and self._name(offset, size, targets) == _GUARD:
                self._guards.add((section.index, offset))
            if mnemonic[0] not in "jl" or not (is_conditional(mnemonic) or mnemonic == "jmp"):
                continue
            at, end = (section.index, offset), (section.index, offset + size)
            target = self._target(section.index, offset, size, operands, targets)
            if target is not None:
                self._into.setdefault(target, []).append(is_conditional(mnemonic))
            if is_conditional(mnemonic):
                check = _checks(decoded, index)
                self.jumps.append(Jump(at, end, target, check and self._check(check, section, end, target, targets)))

    def _target(
        self, section: int, offset: int, size: int, operands: str, targets: dict[int, tuple[int, int]]
    ) -> Spot | None:
        """Where a jump or call leads; None for another module or the kernel."""
        for at in range(offset, offset + size):
            if at in targets:
                symbol, addend = targets[at]
                _, value, _, _, _, index = self._elf.symbols[symbol]
                # The displacement counts from the end of the instruction, the addend from where it stands.
                return (index, value + addend + offset + size - at) if index != SHN_UNDEF else None
        return (section, int(operands, 0) & _WORD) if operands[0].isdigit() else None

    def _check(
        self, check: tuple[Instruction, str, bool], section: Section, end: Spot, target: Spot | None,
        targets: dict[int, tuple[int, int]],
    ) -> Check | None:  # fmt: skip
        (offset, size, _, _), how, jumps = check
        failed = target if jumps else end
        if failed is None:
            return None
        return Check((section.index, offset), self._name(offset, size, targets), how, failed)

    def _name(self, offset: int, size: int, targets: dict[int, tuple[int, int]]) -> str:
        """Name the function of the kernel, or of another module, that a call leads to."""
        for at in range(offset, offset + size):
            if at in targets:
                symbol = self._elf.symbols[targets[at][0]]
                return symbol[0] if symbol[5] == SHN_UNDEF else ""
        return ""

    def straight(self, spot: Spot) -> list[int]:
        """Offsets of the instructions that run from an address on, up to the first that leads elsewhere for good."""
        return [offset for offset, _, _, _ in self._run(spot)]

    def _run(self, spot: Spot) -> list[Instruction]:
        decoded, starts = self._sections.get(spot[0], ([], []))
        found: list[Instruction] = []
        for instruction in decoded[bisect_right(starts, spot[1] - 1) :]:
            found.append(instruction)
            if _leaves(instruction[2]):
                break
        return found

    def alone(self, spot: Spot) -> bool:
        """Tell whether exactly one conditional jump decides that an instruction runs, and nothing is decided between
        there and where other code joins in: then it was neither merged with other code nor moved there from below.
        """
        decoded, starts = self._sections.get(spot[0], ([], []))
        index = bisect_right(starts, spot[1]) - 1
        if index < 1 or starts[index] != spot[1]:
            return False
        into, before = self._into.get(spot, []), decoded[index - 1][2]
        fallen = is_conditional(before) and not into
        jumped = into == [True] and _leaves(before) and not is_conditional(before)
        if not (fallen or jumped):
            return False
        run = self._run(spot)
        joins = any((spot[0], offset) in self._into for offset, _, _, _ in run[1:])
        return joins or not is_conditional(run[-1][2])


def is_conditional(mnemonic: str) -> bool:
    """Tell whether an instruction is a jump that has two ways to go."""
    return mnemonic[0] == "j" and mnemonic not in _UNCONDITIONAL or mnemonic.startswith("loop")


def _leaves(mnemonic: str) -> bool:
    """Tell whether an instruction is a jump, or the end of a function; calls come back."""
    return mnemonic[0] == "j" or mnemonic in _ENDS or is_conditional(mnemonic)


def _checks(decoded: list[Instruction], jump: int) -> tuple[Instruction, str, bool] | None:
    """Recognise a jump on what a call has returned, with nothing but copies in between.

    Return: (the call, what counts as failure, does a failure jump?).
    """
    at = compare = _before(decoded, jump)
    while at is not None and decoded[at][2] != "call":
        at = _before(decoded, at)
    if at is None or compare is None or at == compare:
        return None
    names = list(_RAX)  # where the value is
    for _, _, mnemonic, operands in decoded[at + 1 : compare]:
        left, _, right = operands.partition(", ")
        if left in names or mnemonic not in _COPIES:
            return None
        if mnemonic == "mov" and right in names:
            names.append(left)
    how = _what(decoded[compare][2], decoded[compare][3], names)
    condition = decoded[jump][2]
    fails = _FAILS.get((condition, how))
    return None if fails is None else (decoded[at], "negative" if condition in ("js", "jns") else how, fails)


def _before(decoded: list[Instruction], at: int) -> int | None:
    """Find the last instruction before another one that is no copy; None where it is too far away."""
    for index in range(at - 1, max(at - 8, -1), -1):
        if decoded[index][2] not in _COPIES:
            return index
    return None


def _what(mnemonic: str, operands: str, names: list[str]) -> str:
    """Name what a comparison of the returned value looks for; "" where it is something else."""
    left, _, right = operands.partition(", ")
    if left not in names:
        return ""
    wide = left[0] == "r" and left[-1] != "d"
    if mnemonic == "test" and left == right:
        return _NULL if wide else _ERRNO
    return _ERROR_POINTER if mnemonic == "cmp" and wide and right == _ERRORS_FROM else ""
