"""uuid.h: random identifiers, and reading written ones. A guid_t has its first three fields in little-endian order.

Linux: lib/uuid.c, 6.1
"""

from typing import Annotated

from kapi.registry import export, export_data
from runtime.c import bool_, const_char_p, int_, pointer
from runtime.kernel import Kernel

uuid_p = Annotated[int, pointer("uuid_t")]
_EINVAL = 22
_LENGTH = 36
_DASHES = (8, 13, 18, 23)
_GUID_ORDER = (3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15)


@export_data(16)
def uuid_null(k: Kernel, at: int) -> None:
    k.mem.fill(at, 16, 0)


@export_data(16)
def guid_null(k: Kernel, at: int) -> None:
    k.mem.fill(at, 16, 0)


def _random(k: Kernel, virt: int, version_byte: int) -> None:
    """A version 4 identifier, from the machine's seed."""
    raw = bytearray(k.random.getrandbits(64).to_bytes(8, "little") + k.random.getrandbits(64).to_bytes(8, "little"))
    raw[version_byte] = raw[version_byte] & 0x0F | 0x40
    raw[8] = raw[8] & 0x3F | 0x80
    k.mem.write(virt, bytes(raw))


@export
def generate_random_uuid(k: Kernel, uuid: Annotated[int, pointer("unsigned char")]) -> None:
    _random(k, uuid, 6)


@export
def generate_random_guid(k: Kernel, guid: Annotated[int, pointer("unsigned char")]) -> None:
    _random(k, guid, 7)


@export
def uuid_gen(k: Kernel, bu: uuid_p) -> None:
    _random(k, bu, 6)


@export
def guid_gen(k: Kernel, lu: uuid_p) -> None:
    _random(k, lu, 7)


def _digits(text: bytes) -> bytes | None:
    """The 16 bytes of a written identifier; what follows it is not looked at."""
    text = text[:_LENGTH]
    hexadecimal = bytes(char for at, char in enumerate(text) if at not in _DASHES)
    if len(text) < _LENGTH or any(text[at] != 0x2D for at in _DASHES) or hexadecimal.strip(b"0123456789abcdefABCDEF"):
        return None
    return bytes.fromhex(hexadecimal.decode())


@export
def uuid_is_valid(k: Kernel, uuid: const_char_p) -> bool_:
    """Does the string begin with an identifier?"""
    return _digits(k.mem.cstr(uuid, _LENGTH)) is not None


@export
def uuid_parse(k: Kernel, uuid: const_char_p, u: uuid_p) -> int_:
    """Return: 0, or -EINVAL."""
    raw = _digits(k.mem.cstr(uuid, _LENGTH))
    if raw is None:
        return -_EINVAL
    k.mem.write(u, raw)
    return 0


@export
def guid_parse(k: Kernel, uuid: const_char_p, u: uuid_p) -> int_:
    raw = _digits(k.mem.cstr(uuid, _LENGTH))
    if raw is None:
        return -_EINVAL
    k.mem.write(u, bytes(raw[at] for at in _GUID_ORDER))
    return 0
