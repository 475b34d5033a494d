"""Damages modules at random, from a seed: bits flipped, the file cut, sections resized and moved, words replaced."""

import random
import struct

SECTION_HEADER = 64
_SIZES = (0, 1, 7, 8, 0xFFF, 0x1000, 1 << 20, 1 << 31, 1 << 40, (1 << 64) - 1)


def mutated(data: bytes, seed: int) -> tuple[str, bytes]:
    """(what was done, the damaged file)."""
    chance = random.Random(seed)
    kind = chance.choice(("flip", "flip", "burst", "truncate", "resize", "move", "word", "header"))
    out = bytearray(data)
    what = _DAMAGES[kind](out, chance)
    return f"{kind} {what}", bytes(out)


def _flip(out: bytearray, chance: random.Random) -> str:
    places = [chance.randrange(len(out)) for _ in range(chance.choice((1, 2, 8, 64)))]
    for place in places:
        out[place] ^= 1 << chance.randrange(8)
    return f"at {[hex(place) for place in places[:4]]}"


def _burst(out: bytearray, chance: random.Random) -> str:
    start = chance.randrange(len(out))
    size = min(chance.choice((4, 16, 256, 4096)), len(out) - start)
    out[start : start + size] = chance.randbytes(size)
    return f"{size} bytes at {start:#x}"


def _truncate(out: bytearray, chance: random.Random) -> str:
    size = chance.randrange(len(out))
    del out[size:]
    return f"to {size}"


def _headers(out: bytearray) -> tuple[int, int]:
    return struct.unpack_from("<Q", out, 40)[0], struct.unpack_from("<H", out, 60)[0]


def _resize(out: bytearray, chance: random.Random) -> str:
    table, count = _headers(out)
    section, size = chance.randrange(count), chance.choice((*_SIZES, chance.randrange(1 << 16)))
    struct.pack_into("<Q", out, table + section * SECTION_HEADER + 32, size)
    return f"section {section} to {size:#x}"


def _move(out: bytearray, chance: random.Random) -> str:
    table, count = _headers(out)
    section, offset = chance.randrange(count), chance.choice((*_SIZES, chance.randrange(len(out))))
    struct.pack_into("<Q", out, table + section * SECTION_HEADER + 24, offset)
    return f"section {section} to {offset:#x}"


def _word(out: bytearray, chance: random.Random) -> str:
    place = chance.randrange(len(out) - 8) & ~7
    value = chance.choice((*_SIZES, chance.getrandbits(64)))
    struct.pack_into("<Q", out, place, value)
    return f"{value:#x} at {place:#x}"


def _header(out: bytearray, chance: random.Random) -> str:
    table, count = _headers(out)
    inside = chance.random() < 0.5
    place = chance.randrange(64) if inside else table + chance.randrange(count * SECTION_HEADER)
    out[place] = chance.randrange(256)
    return f"byte at {place:#x}"


_DAMAGES = {
    "flip": _flip,
    "burst": _burst,
    "truncate": _truncate,
    "resize": _resize,
    "move": _move,
    "word": _word,
    "header": _header,
}
