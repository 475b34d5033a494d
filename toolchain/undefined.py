"""Which symbols an object file leaves to others: what modpost reads to write a module's __versions."""

import struct
from pathlib import Path

_SYMTAB = 2
_WEAK = 2


def undefined_symbols(path: Path) -> list[str]:
    """Return the names of the undefined symbols of a 64-bit object file, sorted; weak ones are left out."""
    data = path.read_bytes()
    sections_at, entry_size, count = struct.unpack_from("<Q", data, 40)[0], *struct.unpack_from("<HH", data, 58)
    headers = [struct.unpack_from("<IIQQQQIIQQ", data, sections_at + n * entry_size) for n in range(count)]
    names: set[str] = set()
    for _, kind, _, _, offset, size, link, *_ in headers:
        if kind == _SYMTAB:
            strings = data[headers[link][4] : headers[link][4] + headers[link][5]]
            names |= _undefined(data[offset : offset + size], strings)
    return sorted(names)


def _undefined(symbols: bytes, strings: bytes) -> set[str]:
    found = set()
    for name, info, _, section, _, _ in struct.iter_unpack("<IBBHQQ", symbols):
        if section == 0 and name and info >> 4 != _WEAK:
            found.add(strings[name : strings.index(b"\0", name)].decode())
    return found
