"""BTF, built by hand here, read back as layouts."""

import struct

from toolchain.btf import Btf

INT, PTR, ARRAY, STRUCT, UNION, ENUM, TYPEDEF, CONST = 1, 2, 3, 4, 5, 6, 8, 10


class Builder:
    """Collects types and strings; a type's number is its place, from 1."""

    def __init__(self) -> None:
        self.strings, self.types, self.count = b"\0", b"", 0

    def text(self, name: str) -> int:
        if not name:
            return 0
        self.strings += name.encode() + b"\0"
        return len(self.strings) - len(name) - 1

    def add(self, name: str, kind: int, size: int, extra: bytes = b"", count: int = 0, flag: int = 0) -> int:
        self.types += struct.pack("<III", self.text(name), flag << 31 | kind << 24 | count, size) + extra
        self.count += 1
        return self.count

    def record(self, name: str, size: int, *members: tuple[str, int, int], kind: int = STRUCT, flag: int = 0) -> int:
        body = b"".join(struct.pack("<III", self.text(member), number, place) for member, number, place in members)
        return self.add(name, kind, size, body, len(members), flag)

    def data(self) -> bytes:
        head = struct.pack("<HBBIIIII", 0xEB9F, 1, 0, 24, 0, len(self.types), len(self.types), len(self.strings))
        return head + self.types + self.strings


def kernel() -> Btf:
    b = Builder()
    u32 = b.add("unsigned int", INT, 4, struct.pack("<I", 32))
    signed = b.add("int", INT, 4, struct.pack("<I", 1 << 24 | 32))
    pointer = b.add("", PTR, 0)
    array = b.add("", ARRAY, 0, struct.pack("<III", pointer, u32, 3))
    square = b.add("", ARRAY, 0, struct.pack("<III", array, u32, 2))
    nameless = b.record("", 4, ("counter", signed, 0))
    atomic = b.add("atomic_t", TYPEDEF, nameless)
    bits = b.record("", 8, ("inuse", u32, 16 << 24 | 0), ("objects", u32, 15 << 24 | 16), ("next", u32, 32), flag=1)
    large = b.record("large", 100, ("x", signed, 0))
    constant = b.add("", CONST, atomic)
    kind = b.add("kind", ENUM, 4, struct.pack("<II", b.text("RED"), 1), 1)
    b.record(
        "slab",
        200,
        ("flags", u32, 0),
        ("", bits, 64),
        ("caches", square, 128),
        ("count", constant, 512),
        ("big", large, 544),
        ("kind", kind, 1344),
        ("here", b.record("", 4, ("y", u32, 0), kind=UNION), 1376),
    )
    return Btf(b.data())


def test_members_are_read_as_from_dwarf() -> None:
    found, missing = kernel().layouts(["slab", "nothing"])
    assert missing == ["nothing"]
    assert found["slab"] == {
        "size": 200,
        "members": {
            "flags": (0, "u32"),
            "inuse": (8, "u32:16@0"),
            "objects": (8, "u32:15@16"),
            "next": (12, "u32"),
            "caches": (16, "*[6]"),
            "count": (64, "%atomic_t"),
            "big": (68, "#100"),
            "kind": (168, "u32"),
            "here": (172, "%slab.here"),
        },
    }


def test_small_nested_structures_come_along() -> None:
    found, _ = kernel().layouts(["slab"])
    assert found["atomic_t"]["members"] == {"counter": (0, "i32")}
    assert found["slab.here"]["members"] == {"y": (0, "u32")}
    assert "large" not in found
