"""Layouts out of BTF, the type table that a kernel image carries in its .BTF section: what no header declares (struct
slab, say).

Members are written as layouts.py does. Format: Documentation/bpf/btf.rst
"""

import struct
from typing import Any

_INT, _PTR, _ARRAY, _STRUCT, _UNION, _ENUM, _FWD, _TYPEDEF = range(1, 9)
_VOLATILE, _CONST, _RESTRICT, _FUNC, _FUNC_PROTO, _VAR, _DATASEC, _FLOAT, _DECL_TAG, _TYPE_TAG, _ENUM64 = range(9, 20)
_PLAIN = (_TYPEDEF, _VOLATILE, _CONST, _RESTRICT, _TYPE_TAG)

# Bytes behind the 12 bytes of every type: fixed, and for each of its vlen entries.
_EXTRA = {
    _INT: (4, 0),
    _ARRAY: (12, 0),
    _STRUCT: (0, 12),
    _UNION: (0, 12),
    _ENUM: (0, 8),
    _FUNC_PROTO: (0, 8),
    _VAR: (4, 0),
    _DATASEC: (0, 12),
    _DECL_TAG: (4, 0),
    _ENUM64: (0, 12),
}


class Btf:
    """A type table, from the bytes of a .BTF section.

    Type n is types[n] = (name, kind, flag, size or type, bytes behind the header).
    """

    def __init__(self, data: bytes) -> None:
        _, _, _, head, type_at, type_len, string_at, string_len = struct.unpack_from("<HBBIIIII", data)
        strings = data[head + string_at : head + string_at + string_len]
        self.types: list[tuple[str, int, int, int, bytes]] = [("void", 0, 0, 0, b"")]
        at = head + type_at
        while at < head + type_at + type_len:
            name, info, size = struct.unpack_from("<III", data, at)
            kind, count = info >> 24 & 31, info & 0xFFFF
            fixed, each = _EXTRA.get(kind, (0, 0))
            extra = fixed + each * count
            text = strings[name : strings.index(b"\0", name)].decode()
            self.types.append((text, kind, info >> 31, size, data[at + 12 : at + 12 + extra]))
            at += 12 + extra
        self._strings = strings
        self.records = {text: n for n, (text, kind, *_) in enumerate(self.types) if kind in (_STRUCT, _UNION) and text}

    def layouts(self, names: list[str]) -> tuple[dict[str, dict[str, Any]], list[str]]:
        """Return the layouts of the named structures, and the names that the image does not know."""
        found: dict[str, dict[str, Any]] = {}
        for name in names:
            if name in self.records:
                self._record(name, self.records[name], found)
        return found, [name for name in names if name not in found]

    def _record(self, name: str, number: int, found: dict[str, dict[str, Any]]) -> None:
        members: dict[str, tuple[int, str]] = {}
        found[name] = {"size": self.types[number][3], "members": members}
        self._members(name, number, 0, members, found)

    def _members(
        self, outer: str, number: int, base: int, members: dict[str, tuple[int, str]], found: dict[str, Any]
    ) -> None:
        _, _, has_bits, _, body = self.types[number]
        for name_at, target, place in struct.iter_unpack("<III", body):
            bits, first = (place >> 24, place & 0xFFFFFF) if has_bits else (0, place)
            first += base
            target, alias = self._strip(target)
            name = self._string(name_at)
            if not name and self.types[target][1] in (_STRUCT, _UNION):
                self._members(outer, target, first, members, found)
            elif bits:
                plain = self._type(outer, name, target, found)
                width = int(plain[1:])
                members[name] = (first // width * width // 8, f"{plain}:{bits}@{first % width}")
            else:
                members[name] = (first // 8, self._type(outer, name, target, found, alias))

    def _string(self, at: int) -> str:
        return self._strings[at : self._strings.index(b"\0", at)].decode()

    def _strip(self, number: int) -> tuple[int, str]:
        """The type behind typedefs and qualifiers, and the innermost typedef's name."""
        alias = ""
        while self.types[number][1] in _PLAIN:
            alias = self.types[number][0] if self.types[number][1] == _TYPEDEF else alias
            number = self.types[number][3]
        return number, alias

    def _type(self, outer: str, member: str, number: int, found: dict[str, Any], alias: str = "") -> str:
        _, kind, _, size, body = self.types[number]
        if kind == _ARRAY:
            element, _, length = struct.unpack("<III", body)
            target, alias = self._strip(element)
            inner = self._type(outer, member, target, found, alias)
            plain, _, count = inner.removesuffix("]").partition("[")
            return f"{plain}[{length * int(count or 1)}]"
        if kind in (_STRUCT, _UNION):
            return self._nested(outer, member, number, found, alias)
        if kind == _INT:
            signed = struct.unpack("<I", body)[0] >> 24 & 1
            return f"{'i' if signed else 'u'}{size * 8}" if size <= 8 else f"#{size}"
        if kind in (_ENUM, _ENUM64):
            return f"u{size * 8}"
        return "*"

    def _nested(self, outer: str, member: str, number: int, found: dict[str, Any], alias: str) -> str:
        """A small record is followed, a large one is only bytes; without a name it is called outer.member."""
        name, _, _, size, _ = self.types[number]
        if size > 64 and name not in found:
            return f"#{size}"
        name = name or alias or f"{outer}.{member}"
        if name not in found:
            self._record(name, number, found)
        return f"%{name}"
