"""Numbers are read as kstrtoint() and its sisters read them."""

import pytest

from runtime.loader.numbers import INTEGERS, parse_bool, parse_integer


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (b"0", 0),
        (b"42", 42),
        (b"-42", -42),
        (b"+42", 42),
        (b"0x1F", 31),
        (b"0X1f", 31),
        (b"010", 8),
        (b"42\n", 42),
        (b"-0", 0),
        (b"2147483647", 2147483647),
        (b"-2147483648", -2147483648),
        (b"0x7fffffff", 0x7FFFFFFF),
        (b"2147483648", "range"),
        (b"-2147483649", "range"),
        (b"0xffffffff", "range"),
        (b"99999999999999999999999", "range"),
        (b"99999999999999999999999x", "range"),
        (b"", "invalid"),
        (b"abc", "invalid"),
        (b"1x", "invalid"),
        (b"08", "invalid"),
        (b"0x", "invalid"),
        (b"0xg", "invalid"),
        (b"--1", "invalid"),
        (b"+-1", "invalid"),
        (b" 1", "invalid"),
        (b"1\n\n", "invalid"),
        (b"-", "invalid"),
    ],
)
def test_int(text, value):
    assert parse_integer(text, 4, True) == value


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        ("byte", b"255", 255),
        ("byte", b"256", "range"),
        ("byte", b"-1", "invalid"),
        ("short", b"-32768", -32768),
        ("short", b"32768", "range"),
        ("ushort", b"65535", 65535),
        ("uint", b"4294967295", 0xFFFFFFFF),
        ("uint", b"4294967296", "range"),
        ("long", b"-9223372036854775808", -(1 << 63)),
        ("long", b"9223372036854775808", "range"),
        ("ulong", b"0xffffffffffffffff", (1 << 64) - 1),
        ("ulong", b"18446744073709551616", "range"),
        ("ullong", b"18446744073709551615", (1 << 64) - 1),
    ],
)
def test_every_type_has_its_own_limits(kind, text, value):
    size, signed, _ = INTEGERS[kind]
    assert parse_integer(text, size, signed) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (b"1", True), (b"y", True), (b"Yes", True), (b"true", True), (b"on", True), (b"ON", True),
        (b"0", False), (b"n", False), (b"No", False), (b"F", False), (b"off", False), (b"oF", False),
        (b"", None), (b"2", None), (b"o", None), (b"ox", None), (b" 1", None),
    ],
)  # fmt: skip
def test_bool_looks_at_the_first_letters(text, value):
    assert parse_bool(text) is value
