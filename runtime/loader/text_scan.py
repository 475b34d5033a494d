"""Instructions in a module's text that the emulated CPU would answer from the host, or compute wrongly: found while
loading.

rdtsc, rdtscp, rdrand and rdseed read the host's clock and randomness; vector instructions with a VEX prefix are
silently miscomputed. Each is replaced by an invalid opcode, of two bytes and not the ud2 of BUG(), so that executing it
traps; a Patch says what stood there. What is never executed does no harm, such as the AVX variant of a routine that the
CPU's features rule out.

Looking for bytes decides almost always. Only where some might be such an instruction are the functions around them
decoded (capstone).
"""

from bisect import bisect_left
from typing import TYPE_CHECKING, Any

from runtime.loader.elf import SHF_EXECINSTR, STT_FUNC, STT_NOTYPE, Elf, Section

if TYPE_CHECKING:
    from collections.abc import Container, Iterator

TRAP = b"\x0f\x04"
RDTSC, RDTSCP, RDRAND, RDSEED, VEX = "rdtsc", "rdtscp", "rdrand", "rdseed", "vex"

_PREFIXES = bytes.fromhex("2e 36 3e 26 64 65 66 67 f2 f3")
_CLOCK = (b"\x0f\x31", b"\x0f\x01\xf9")
_RANDOM = b"\x0f\xc7"
# An opcode in front of a byte c4 or c5 makes it an operand (`mov %rax,%rbp` is 48 89 c5): not the start of an
# instruction. A vector routine has more than one VEX instruction, and not all of them follow such a byte by chance.
_TAKES_OPERAND = frozenset(
    bytes.fromhex("00 01 02 03 08 09 0a 0b 0f 10 11 12 13 18 19 1a 1b 20 21 22 23 28 29 2a 2b 30 31 32 33 38 39 3a 3b")
    + bytes.fromhex("63 69 6b 80 81 83 84 85 86 87 88 89 8a 8b 8d 8f c0 c1 c6 c7 d0 d1 d2 d3 f6 f7 fe ff")
)
_VECTOR_OPCODES = frozenset(
    [*range(0x10, 0x18), *range(0x28, 0x30), *range(0x50, 0x80), 0xC2, 0xC4, 0xC5, 0xC6, *range(0xD0, 0x100)]
)


class Patch:
    """An instruction that was replaced. length: its bytes; register, size: what rdrand and rdseed write (0 = rax,
    bytes).
    """

    __slots__ = ("kind", "length", "original", "register", "size", "text")

    def __init__(self, kind: str, original: bytes, text: str) -> None:
        self.kind, self.original, self.text, self.length = kind, original, text, len(original)
        self.register, self.size = _register(original) if kind in (RDRAND, RDSEED) else (0, 0)

    def __repr__(self) -> str:
        return f"<Patch {self.text}>"


def scan(elf: Elf, places: "Container[int]") -> dict[tuple[int, int], Patch]:
    """Find all of them in the executable sections among places: (section index, offset) -> Patch."""
    patches: dict[tuple[int, int], Patch] = {}
    for section in elf.sections:
        if section.flags & SHF_EXECINSTR and section.size and section.index in places:
            suspects = _suspects(bytes(elf.bytes_of(section)))
            if suspects:
                for offset, patch in _confirm(elf, section, suspects):
                    patches[section.index, offset] = patch
    return patches


def _suspects(text: bytes) -> list[int]:
    """Offsets of bytes that may be part of such an instruction, in order."""
    found = []
    for pattern in (*_CLOCK, _RANDOM):
        at = text.find(pattern)
        while at >= 0:
            if pattern is not _RANDOM or text[at + 2 : at + 3] >= b"\xf0":
                found.append(at)
            at = text.find(pattern, at + 1)
    return sorted(found + _vex_suspects(text, b"\xc5") + _vex_suspects(text, b"\xc4"))


def _vex_suspects(text: bytes, prefix: bytes) -> list[int]:
    found, at = [], text.find(prefix)
    plausible = _two_bytes if prefix == b"\xc5" else _three_bytes
    while at >= 0:
        follow = text[at + 1 : at + 3]
        if len(follow) == 2 and (at == 0 or text[at - 1] not in _TAKES_OPERAND) and plausible(follow):
            found.append(at)
        at = text.find(prefix, at + 1)
    return found


def _two_bytes(follow: bytes) -> bool:
    return follow[1] in _VECTOR_OPCODES


def _three_bytes(follow: bytes) -> bool:
    return 1 <= follow[0] & 31 <= 3


def _confirm(elf: Elf, section: Section, suspects: list[int]) -> "Iterator[tuple[int, Patch]]":
    """Decode the functions that hold suspects; all functions, once a vector instruction is among them."""
    starts = sorted(
        {s[1] for s in elf.symbols if s[5] == section.index and s[4] in (STT_FUNC, STT_NOTYPE) and s[1] < section.size}
        | {0}
    )
    ends = [*starts[1:], section.size]
    text, decoder = bytes(elf.bytes_of(section)), _decoder()
    pending = [(a, b) for a, b in zip(starts, ends, strict=True) if bisect_left(suspects, a) < bisect_left(suspects, b)]
    found = [hit for a, b in pending for hit in _decode(decoder, text, a, b)]
    if any(patch.kind == VEX for _, patch in found):
        found = [hit for a, b in zip(starts, ends, strict=True) for hit in _decode(decoder, text, a, b)]
    yield from found


def _decoder() -> Any:
    import capstone

    return capstone.Cs(capstone.CS_ARCH_X86, capstone.CS_MODE_64)


def _decode(decoder: Any, text: bytes, start: int, end: int) -> "Iterator[tuple[int, Patch]]":
    for address, size, mnemonic, operands in decoder.disasm_lite(text[start:end], start):
        original = text[address : address + size]
        if mnemonic in (RDTSC, RDTSCP, RDRAND, RDSEED):
            yield address, Patch(mnemonic, original, f"{mnemonic} {operands}".rstrip())
        elif mnemonic[0] == "v" and original.lstrip(_PREFIXES)[:1] in (b"\xc4", b"\xc5", b"\x62"):
            yield address, Patch(VEX, original, f"{mnemonic} {operands}".rstrip())


def _register(original: bytes) -> tuple[int, int]:
    """Read the operand of rdrand or rdseed: (register number, bytes)."""
    at = original.index(_RANDOM)
    rex = original[at - 1] if at and original[at - 1] & 0xF0 == 0x40 else 0
    size = 8 if rex & 8 else 2 if b"\x66" in original[:at] else 4
    return original[at + 2] & 7 | (rex & 1) << 3, size
