"""kernel.h, printk.h: hexadecimal digits and dumps.

Linux: lib/hexdump.c, 6.1
"""

from kapi.registry import export, export_data
from runtime.c import bool_, char_p, const_char_p, const_void_p, int_, size_t, u8, void_p
from runtime.kernel import Kernel

_DIGITS = b"0123456789abcdef"
_VALUES = {char: int(chr(char), 16) for char in b"0123456789abcdefABCDEF"}
_EINVAL = 22


@export_data(17)
def hex_asc(k: Kernel, at: int) -> None:
    k.mem.write(at, _DIGITS + b"\0")


@export_data(17)
def hex_asc_upper(k: Kernel, at: int) -> None:
    k.mem.write(at, _DIGITS.upper() + b"\0")


@export
def hex_to_bin(k: Kernel, ch: u8) -> int_:
    """The value of a digit, -1 for anything else."""
    return _VALUES.get(ch, -1)


@export
def hex2bin(k: Kernel, dst: void_p, src: const_char_p, count: size_t) -> int_:
    """Turn 2 * count digits into count bytes. Return: -EINVAL at a character that is none, after what precedes it."""
    for i in range(count):
        high = _VALUES.get(k.mem.u8(src + 2 * i))
        low = _VALUES.get(k.mem.u8(src + 2 * i + 1)) if high is not None else None
        if high is None or low is None:
            return -_EINVAL
        k.mem.put8(dst + i, high << 4 | low)
    return 0


@export
def bin2hex(k: Kernel, dst: char_p, src: const_void_p, count: size_t) -> char_p:
    """Turn count bytes into 2 * count digits, without a NUL. Return: the address behind the last."""
    if count:
        k.mem.write(dst, k.mem.read(src, count).hex().encode())
    return dst + 2 * count


def _sizes(length: int, rowsize: int, groupsize: int) -> tuple[int, int, int]:
    """(length, rowsize, groupsize) as they can be: one row of 16 or 32, groups of 1, 2, 4 or 8 that fit."""
    rowsize = rowsize if rowsize in (16, 32) else 16
    length = min(length, rowsize)
    groupsize = groupsize if groupsize in (1, 2, 4, 8) and length % groupsize == 0 else 1
    return length, rowsize, groupsize


def _groups(data: bytes, groupsize: int) -> bytes:
    """Groups are little-endian numbers."""
    return b" ".join([data[i : i + groupsize][::-1].hex().encode() for i in range(0, len(data), groupsize)])


def dump_line(data: bytes, rowsize: int, groupsize: int, ascii_: bool) -> bytes:
    """One row: the bytes in hexadecimal, and behind them, in a column of their own, as text."""
    length, rowsize, groupsize = _sizes(len(data), rowsize, groupsize)
    data = data[:length]
    line = _groups(data, groupsize)
    if not ascii_ or not data:
        return line
    text = bytes(char if 0x20 <= char < 0x7F else 0x2E for char in data)
    return line.ljust(rowsize * 2 + rowsize // groupsize + 1) + text


@export
def hex_dump_to_buffer(
    k: Kernel, buf: const_void_p, len: size_t, rowsize: int_, groupsize: int_, linebuf: char_p, linebuflen: size_t,
    ascii: bool_,
) -> int_:  # fmt: skip
    """Dump one row to linebuf. Return: its length, or, where it has no room, the length that it would have."""
    length, rowsize, groupsize = _sizes(len, rowsize, groupsize)
    full = rowsize * 2 + rowsize // groupsize + 1 + length if ascii else (groupsize * 2 + 1) * (length // groupsize) - 1
    if not linebuflen:
        return full
    line = dump_line(k.mem.read(buf, length) if length else b"", rowsize, groupsize, bool(ascii))
    k.mem.write(linebuf, line[: linebuflen - 1] + b"\0")
    return _length(line) if _length(line) < linebuflen else full


_length = len  # a parameter of the kernel's function has this name


@export
def print_hex_dump(
    k: Kernel, level: const_char_p, prefix_str: const_char_p, prefix_type: int_, rowsize: int_, groupsize: int_,
    buf: const_void_p, len: size_t, ascii: bool_,
) -> None:  # fmt: skip
    """Log len bytes, a row a record. prefix_type: DUMP_PREFIX_NONE, ADDRESS (hashed) or OFFSET."""
    rowsize = rowsize if rowsize in (16, 32) else 16
    head = k.printf.render(b"%s%s", level, prefix_str)
    for at in range(0, len, rowsize):
        place = b""
        if prefix_type == k.abi.const["DUMP_PREFIX_ADDRESS"]:
            place = k.printf.render(b"%p: ", buf + at)
        elif prefix_type == k.abi.const["DUMP_PREFIX_OFFSET"]:
            place = b"%.8x: " % at
        row = dump_line(k.mem.read(buf + at, min(len - at, rowsize)), rowsize, groupsize, bool(ascii))
        k.log.printk(head + place + row + b"\n")
