"""Call frame information (.debug_frame) as unwind rules: the only source of call stacks in a build without objtool.

Only what gcc and clang write for the kernel is understood: CFA = rsp or rbp plus a constant, or the word at such a
place; rbp saved at a distance from the CFA. An address whose rule is anything else has no rule, and a walk ends there.
DWARF 5, 6.4; register numbers: System V psABI, x86-64
"""

from collections.abc import Callable
from struct import unpack_from

from runtime.loader.elf import Elf, Symbol
from runtime.loader.leb128 import sleb128, uleb128
from runtime.loader.unwind import BP, BP_INDIRECT, CALL, END, PREV_SP, SP, SP_INDIRECT, UNDEFINED, Rule, Rules

_RBP, _RSP = 6, 7
_BASES = {_RBP: BP, _RSP: SP}
_OP_BREG, _OP_DEREF = 0x70, 0x06

Saved = tuple[int, int]
"""Where the caller's rbp is: (PREV_SP or BP, offset)"""


class _Cie:
    """What the entries of several functions share."""

    __slots__ = ("code", "data", "instructions")

    def __init__(self, body: bytes) -> None:
        at = body.index(b"\0", 5) + 1  # behind id (4), version (1) and augmentation string
        if body[4] >= 4:
            at += 2  # sizes of an address and of a segment selector
        self.code, at = uleb128(body, at)
        self.data, at = sleb128(body, at)
        _, at = uleb128(body, at)
        self.instructions = body[at:]


class _Row:
    """The rules of one address, while the table is run through."""

    __slots__ = ("base", "offset", "saved")

    def __init__(self, base: int, offset: int, saved: Saved | None) -> None:
        self.base, self.offset, self.saved = base, offset, saved

    def rule(self) -> Rule:
        if self.base == UNDEFINED:
            return END
        return (self.base, self.offset, *(self.saved or (UNDEFINED, 0)), CALL, False)

    def copy(self) -> "_Row":
        return _Row(self.base, self.offset, self.saved)


def cfi_rules(elf: Elf, virt_of: Callable[[int, int], int | None]) -> Rules | None:
    """Decode .debug_frame; None where the file has none. virt_of(section index, offset) says where code was loaded."""
    section = elf.section(".debug_frame")
    if section is None:
        return None
    data = elf.debug_bytes(section)
    targets = {
        offset: (elf.symbols[info >> 32], addend)
        for offset, info, addend in elf.rela_of(section)
        if info >> 32 < len(elf.symbols)
    }
    cies: dict[int, _Cie] = {}
    pairs: list[tuple[int, Rule]] = []
    at = 0
    while at + 12 <= len(data):
        size, kind = unpack_from("<II", data, at)
        body = data[at + 4 : at + 4 + size]
        try:
            if kind == 0xFFFFFFFF:
                cies[at] = _Cie(body)
            else:
                pairs += _function(body, at, cies, targets, virt_of)
        except (IndexError, ValueError, KeyError):
            pass  # a damaged entry: its function has no rules
        at += 4 + size
    pairs.sort(key=lambda pair: (pair[0], pair[1] is not END))
    return Rules([start for start, _ in pairs], [rule for _, rule in pairs])


def _function(
    body: bytes,
    at: int,
    cies: dict[int, _Cie],
    targets: dict[int, tuple[Symbol, int]],
    virt_of: Callable[[int, int], int | None],
) -> list[tuple[int, Rule]]:
    """Run one function's instructions. Return: (virt, rule) for each change, and END behind the function."""
    symbol, addend = targets[at + 8]
    cie = cies[targets[at + 4][0][1] + targets[at + 4][1] if at + 4 in targets else unpack_from("<I", body)[0]]
    start = virt_of(symbol[5], symbol[1] + addend)
    if start is None or len(body) < 20:
        return []
    (length,) = unpack_from("<Q", body, 12)
    rows = _run(cie, body[20:])
    return [(start + offset, row.rule()) for offset, row in rows] + [(start + length, END)]


def _run(cie: _Cie, instructions: bytes) -> list[tuple[int, _Row]]:
    machine = _Machine(cie, _Row(UNDEFINED, 0, None))
    machine.run(cie.instructions)
    machine.initial = machine.row.copy()
    machine.run(instructions)
    machine.rows.append((machine.place, machine.row))
    return machine.rows


class _Machine:
    """Interprets DW_CFA_* instructions. place: bytes from the function's start."""

    def __init__(self, cie: _Cie, row: _Row) -> None:
        self.cie, self.row, self.initial = cie, row, row
        self.place = 0
        self.rows: list[tuple[int, _Row]] = []
        self.stack: list[_Row] = []

    def run(self, code: bytes) -> None:
        """Carry out instructions of call frame information."""
        at = 0
        while at < len(code):
            op, low = code[at] & 0xC0, code[at] & 0x3F
            at += 1
            if op == 0x40:
                self._advance(low)
            elif op == 0x80:
                value, at = uleb128(code, at)
                self._saved(low, (PREV_SP, value * self.cie.data))
            elif op == 0xC0:
                self._restore(low)
            else:
                at = self._extended(low, code, at)

    def _advance(self, delta: int) -> None:
        if delta:
            self.rows.append((self.place, self.row.copy()))
            self.place += delta * self.cie.code

    def _saved(self, register: int, place: Saved | None) -> None:
        if register == _RBP:
            self.row.saved = place

    def _restore(self, register: int) -> None:
        self._saved(register, self.initial.saved)

    def _cfa(self, register: int, offset: int) -> None:
        self.row.base, self.row.offset = _BASES.get(register, UNDEFINED), offset

    def _extended(self, op: int, code: bytes, at: int) -> int:
        """Carry out an instruction of the first group; give the place of the next. Raises: ValueError if unknown."""
        if op in (0x02, 0x03, 0x04):  # advance_loc1, 2, 4
            size = 1 << op - 2
            self._advance(int.from_bytes(code[at : at + size], "little"))
            return at + size
        if op == 0x0A:  # remember_state
            self.stack.append(self.row.copy())
            return at
        if op == 0x0B:  # restore_state
            self.row = self.stack.pop()
            return at
        if op == 0x00:
            return at
        return self._with_operands(op, code, at)

    def _with_operands(self, op: int, code: bytes, at: int) -> int:
        if op == 0x0F:  # def_cfa_expression
            size, at = uleb128(code, at)
            self.row.base, self.row.offset = _indirect(code[at : at + size])
            return at + size
        first, at = uleb128(code, at)
        if op == 0x0E:  # def_cfa_offset
            self.row.offset = first
        elif op == 0x0D:  # def_cfa_register
            self._cfa(first, self.row.offset)
        elif op in (0x07, 0x08):  # undefined, same_value
            self._saved(first, None)
        elif op == 0x06:  # restore_extended
            self._restore(first)
        elif op in (0x10, 0x16):  # expression, val_expression: register first, then a block
            size, at = uleb128(code, at)
            block = code[at : at + size]
            self._saved(first, _from_bp(block))
            return at + size
        elif op in (0x05, 0x0C, 0x11, 0x12):
            return self._two(op, first, code, at)
        elif op != 0x2E:  # GNU_args_size says nothing about the CFA
            raise ValueError(f"DW_CFA {op:#x}")
        return at

    def _two(self, op: int, first: int, code: bytes, at: int) -> int:
        second, at = (sleb128 if op in (0x11, 0x12) else uleb128)(code, at)
        if op == 0x0C:  # def_cfa
            self._cfa(first, second)
        elif op == 0x12:  # def_cfa_sf
            self._cfa(first, second * self.cie.data)
        else:  # offset_extended, and its signed form
            self._saved(first, (PREV_SP, second * self.cie.data))
        return at


def _indirect(block: bytes) -> tuple[int, int]:
    """Read `word at rbp (or rsp) plus constant`, which gcc writes where it realigned the stack."""
    register = block[0] - _OP_BREG if block else -1
    if register in _BASES:
        offset, at = sleb128(block, 1)
        if block[at:] == bytes([_OP_DEREF]):
            if register == _RBP:
                return BP_INDIRECT, offset
            if offset == 0:
                return SP_INDIRECT, 0
    return UNDEFINED, 0


def _from_bp(block: bytes) -> Saved | None:
    """Read `rbp plus constant`: where gcc says that rbp is saved in a function that realigned the stack."""
    if block[:1] != bytes([_OP_BREG + _RBP]):
        return None
    return BP, sleb128(block, 1)[0]
