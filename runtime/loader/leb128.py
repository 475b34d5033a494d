"""DWARF's numbers of variable length."""


def uleb128(data: bytes, at: int) -> tuple[int, int]:
    """Read an unsigned number. Return: it, and where the next byte is. Raises: IndexError behind the end."""
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
        shift += 7


def sleb128(data: bytes, at: int) -> tuple[int, int]:
    """Read a signed number. Return: it, and where the next byte is. Raises: IndexError behind the end."""
    value, end = uleb128(data, at)
    bits = 7 * (end - at)
    return value - (1 << bits) if value >> bits - 1 & 1 else value, end
