"""%pM, %pI4, %pI6, %pIS: addresses of network cards, of IPv4 and of IPv6.

Linux: lib/vsprintf.c, mac_address_string(), ip_addr_string(), 6.1; RFC 5952
"""

from typing import Any

from runtime.printk.number import Spec, number, text
from runtime.printk.problem import checked, said
from runtime.units import Virt

_FLOW_INFO = 0x0FFFFFFF


@checked
def mac(printer: Any, pointer: Virt, spec: Spec, letters: bytes) -> bytes:
    """%pM 00:01:02:03:04:05, %pm without colons; F: dashes, R: last byte first."""
    octets = printer.mem.read(pointer, 6)
    if letters[1:2] == b"R":
        octets = octets[::-1]
    between = "" if letters[:1] == b"m" else "-" if letters[1:2] == b"F" else ":"
    return text(between.join(f"{octet:02x}" for octet in octets).encode(), spec)


@checked
def ip(printer: Any, pointer: Virt, spec: Spec, letters: bytes) -> bytes:
    """%pI4, %pI6[c], and by a struct sockaddr %pIS[pfsc]; %pi: with leading zeros, or without colons."""
    family = letters[1:2]
    if family == b"4":
        return text(_ip4(printer.mem.read(pointer, 4), letters[:1] == b"i", letters[2:3]), spec)
    if family == b"6":
        return text(_ip6(printer.mem.read(pointer, 16), letters[:1], letters[2:3] == b"c"), spec)
    if family == b"S":
        return _socket_address(printer, pointer, spec, letters)
    return said(b"(%p" + letters[:1] + b"?)", spec)


def _ip4(octets: bytes, leading_zeros: bool, order: bytes = b"") -> bytes:
    if order in (b"h", b"l"):
        octets = octets[::-1]
    return b".".join((b"%03d" if leading_zeros else b"%d") % octet for octet in octets)


def _ip6(octets: bytes, kind: bytes, compressed: bool) -> bytes:
    if kind == b"I" and compressed:
        return _compressed(octets)
    words = [octets[i : i + 2].hex().encode() for i in range(0, 16, 2)]
    return (b":" if kind == b"I" else b"").join(words)


def _compressed(octets: bytes) -> bytes:
    """The longest run of zero words (two at least) becomes `::`; the last 32 bits of mapped and ISATAP addresses are
    IPv4.
    """
    words = [int.from_bytes(octets[i : i + 2], "big") for i in range(0, 16, 2)]
    mapped = octets[:12] == bytes(10) + b"\xff\xff"
    tail = mapped or words[4] | 0x0200 == 0x0200 and words[5] == 0x5EFE
    parts = [b"%x" % word for word in words[: 6 if tail else 8]]
    if tail:
        parts.append(_ip4(octets[12:], False))
    start, length = _longest_zero_run(words[: 6 if tail else 8])
    if length < 2:
        return b":".join(parts)
    return b":".join(parts[:start]) + b"::" + b":".join(parts[start + length :])


def _longest_zero_run(words: list[int]) -> tuple[int, int]:
    """(first, length); the first of several runs of equal length."""
    best, at = (0, 0), 0
    while at < len(words):
        end = at
        while end < len(words) and not words[end]:
            end += 1
        if end - at > best[1]:
            best = at, end - at
        at = end + 1
    return best


def _socket_address(printer: Any, pointer: Virt, spec: Spec, letters: bytes) -> bytes:
    abi, options = printer.abi, letters[2:]
    family = printer.mem.u16(pointer)
    if family == abi.const["AF_INET"]:
        return text(_socket_address4(printer, pointer, spec, letters[:1], options), spec)
    if family == abi.const["AF_INET6"]:
        return text(_socket_address6(printer, pointer, spec, letters[:1], options), spec)
    return said(b"(einval)", spec)


def _port(printer: Any, pointer: Virt, spec: Spec) -> bytes:
    return b":" + number(int.from_bytes(printer.mem.read(pointer, 2), "big"), 10, spec)


def _socket_address4(printer: Any, pointer: Virt, spec: Spec, kind: bytes, options: bytes) -> bytes:
    offset = printer.abi.offset
    orders = [bytes((c,)) for c in options if c in b"hlnb"]
    where = printer.mem.read(pointer + offset("sockaddr_in", "sin_addr"), 4)
    out = _ip4(where, kind == b"i", orders[-1] if orders else b"")
    return out + _port(printer, pointer + offset("sockaddr_in", "sin_port"), spec) if b"p" in options else out


def _socket_address6(printer: Any, pointer: Virt, spec: Spec, kind: bytes, options: bytes) -> bytes:
    mem, offset = printer.mem, printer.abi.offset
    out = _ip6(mem.read(pointer + offset("sockaddr_in6", "sin6_addr"), 16), kind, b"c" in options)
    if any(c in b"pfs" for c in options):
        out = b"[" + out + b"]"
    if b"p" in options:
        out += _port(printer, pointer + offset("sockaddr_in6", "sin6_port"), spec)
    if b"f" in options:
        flow = int.from_bytes(mem.read(pointer + offset("sockaddr_in6", "sin6_flowinfo"), 4), "big")
        out += b"/" + number(flow & _FLOW_INFO, 10, spec)
    if b"s" in options:
        out += b"%" + number(mem.u32(pointer + offset("sockaddr_in6", "sin6_scope_id")), 10, spec)
    return out
