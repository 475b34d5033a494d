"""String functions touch no memory that the kernel's would not, and say what is wrong."""

import random
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from kapi.ctype import CLASSES
from runtime.errors import GuestFault, KernelBug
from tests.kapi.harness import Machine
from tests.runtime.printk.guest import BASE, PAGES

END = BASE + PAGES * 4096  # nothing is mapped from here on


def at_end(machine: Machine, data: bytes) -> int:
    """Data right before unmapped memory."""
    machine.mem.write(END - len(data), data)
    return END - len(data)


def test_searching_stops_where_it_has_found_something() -> None:
    machine = Machine()
    text = at_end(machine, b"abcdef")
    call = machine.call
    assert call("strchr", text, ord("e")) == text + 4
    assert call("strnchr", text, 6, ord("z")) == 0
    assert call("strchrnul", text, ord("b")) == text + 1
    assert call("strcspn", text, b"f") == 5
    assert call("strspn", text, b"abc") == 3
    assert call("strpbrk", text, b"xd") == text + 3
    assert call("memchr", text, ord("z"), 6) == 0
    assert call("strnlen", text, 6) == 6
    assert call("strnstr", text, b"ef", 6) == text + 4


def test_comparing_stops_at_the_first_difference() -> None:
    machine = Machine()
    text = at_end(machine, b"abcdef")
    for name in ("strcmp", "strcasecmp"):
        assert machine.call(name, text, b"abx") < 0
    assert machine.call("strncmp", text, b"abcdefgh", 6) == 0
    assert machine.call("strncasecmp", text, b"ABCDEFGH", 6) == 0
    assert machine.call("memcmp", text, b"abcdeg" + bytes(600), 600) == -1


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("strlen", ()),
        ("strchr", (ord("z"),)),
        ("strcmp", (b"abcdefg",)),
        ("memchr", (ord("z"), 7)),
        ("strspn", (b"abcdef",)),
    ],
)
def test_reading_on_faults_at_the_first_byte_that_is_not_there(name: str, arguments: tuple[int | bytes, ...]) -> None:
    machine = Machine()
    with pytest.raises(GuestFault) as fault:
        machine.call(name, at_end(machine, b"abcdef"), *arguments)
    assert fault.value.address == END and not fault.value.write


def test_writing_on_faults_after_what_has_room() -> None:
    machine = Machine()
    room = at_end(machine, b"~~~~")
    with pytest.raises(GuestFault) as fault:
        machine.call("strcpy", room - 2, b"hello world")
    assert fault.value.address == END and fault.value.write


def test_strlcat_of_a_buffer_without_end_is_a_bug() -> None:
    machine = Machine()
    with pytest.raises(KernelBug) as bug:
        machine.call("strlcat", machine.guest.string(b"full"), b"more", 4)
    assert bug.value.args == ("strlcat",)


def test_strscpy_warns_of_a_size_that_is_negative_as_int() -> None:
    machine = Machine()
    assert machine.call("strscpy", machine.guest.put(bytes(8)), b"text", 1 << 31) == -7
    assert machine.trouble.said == [("warn", "strscpy_size")]


def test_strings_longer_than_a_page_are_compared_to_their_end() -> None:
    machine = Machine()
    one, other = machine.guest.string(b"x" * 9000 + b"a"), machine.guest.string(b"x" * 9000 + b"b")
    assert machine.call("strcmp", one, other) == -1
    assert machine.call("strcmp", one, one) == 0
    assert machine.call("memcmp", one, other, 9000) == 0
    assert machine.call("memchr_inv", one, ord("x"), 9001) == one + 9000


def test_random_identifiers_have_version_and_variant() -> None:
    machine = Machine()
    machine.kernel.random = random.Random(1)
    where = machine.guest.put(bytes(16))
    for name, byte in (("uuid_gen", 6), ("generate_random_uuid", 6), ("guid_gen", 7), ("generate_random_guid", 7)):
        machine.call(name, where)
        raw = machine.mem.read(where, 16)
        assert raw[byte] >> 4 == 4 and raw[8] >> 6 == 2, name


def test_the_character_table_agrees_with_python() -> None:
    """Bits of include/linux/ctype.h, lowest first, for ASCII."""
    rules: tuple[Callable[[str], bool], ...] = (
        str.isupper,
        str.islower,
        str.isdigit,
        lambda c: not c.isprintable(),
        lambda c: c.isprintable() and not c.isalnum() and c != " ",
        lambda c: c in " \t\n\v\f\r",
        lambda c: c in "abcdefABCDEF",
        lambda c: c == " ",
    )
    for char in range(128):
        classes = sum(1 << bit for bit, rule in enumerate(rules) if rule(chr(char)))
        # A digit is no hexadecimal letter: X is for those alone.
        assert CLASSES[char] == classes, chr(char)


def test_every_name_here_is_one_that_linux_exports_or_ours() -> None:
    """A typing error in a name would leave the symbol missing."""
    exports = Machine().kernel.abi.exports
    ours = {"kmodrun_empty_string", "printk_ratelimit_state"}
    room = Path(__file__).parents[2] / "kapi"
    for name in (
        "printk",
        "sprintf",
        "sscanf",
        "string",
        "string_helpers",
        "cmdline",
        "ctype",
        "device_printk",
        "hexdump",
        "kstrtox",
        "uuid",
    ):
        text = (room / f"{name}.py").read_text()
        names = set(re.findall(r"^@export(?:_data\(.*\))?\ndef (\w+)", text, re.M)) - ours
        assert names and not [symbol for symbol in names if exports.find(symbol) is None], name
