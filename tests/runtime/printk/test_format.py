"""printf against the real kernel's, and what needs no kernel to be known."""

import re

import pytest

from runtime.errors import GuestFault
from runtime.printk.arguments import CopiedArguments, Values
from tests.runtime.printk import cases
from tests.runtime.printk.guest import BASE, PAGES, Guest

MODULE = "printk_formats"
LOGGED = re.compile(rb"<6> #(\d+) (\d+) \[(.*?)\]$")
REAL = {int(m[1]): (int(m[2]), m[3]) for line in cases.log(MODULE) if (m := LOGGED.match(line))}
CASES = [(line, macro, args) for line, macro, args in cases.calls(MODULE, "[TS]")]


def test_the_module_has_a_case_for_each_line_of_the_log() -> None:
    assert len(CASES) > 300
    assert [line for line, _, _ in CASES] == list(REAL)


@pytest.mark.parametrize(
    ("line", "macro", "args"), CASES, ids=lambda value: str(value[0]) if isinstance(value, list) else None
)
def test_printf_prints_what_the_real_kernel_prints(line: int, macro: str, args: list[cases.Argument]) -> None:
    guest = Guest()
    size = 256
    if macro == "S":
        size = int(args[0]) & 0xFFFFFFFF
        args = args[1:]
    arrays = {name: guest.put(content) for name, content in cases.data(MODULE).items()}
    words = guest.words(*[arrays[arg] if isinstance(arg, str) else arg for arg in args])
    buffer = guest.put(b"~" * 512)
    length = guest.printf.vsnprintf(buffer, size, words[0], Values(*words[1:]))
    text = guest.mem.read(buffer, 512)
    assert text[size:] == b"~" * (512 - size)
    text = text.split(b"\0")[0] if size else b""
    text = bytes(char if 0x20 <= char < 0x7F else ord("?") for char in text)
    assert (length, text) == REAL[line]


def test_vscnprintf_returns_what_was_written() -> None:
    guest = Guest()
    buffer, fmt = guest.put(bytes(64)), guest.string(b"%s")
    text = guest.string(b"hello")
    assert [guest.printf.vscnprintf(buffer, size, fmt, Values(text)) for size in (0, 1, 5, 6, 64)] == [0, 0, 4, 5, 5]


def test_vsnprintf_refuses_sizes_that_are_negative_as_int() -> None:
    guest = Guest()
    buffer = guest.string(b"untouched")
    assert guest.printf.vsnprintf(buffer, 1 << 31, guest.string(b"text"), Values()) == 0
    assert guest.mem.cstr(buffer) == b"untouched"
    assert guest.warned == [("vsnprintf_size",)]


@pytest.mark.parametrize("fmt", [b"a %d %j %d", b"a %d %n", b"a %d %", b"a %d %*y"])
def test_an_unknown_conversion_ends_the_text_with_a_warning(fmt: bytes) -> None:
    guest = Guest()
    assert guest.format(fmt, 7, 8, 9) == b"a 7 "
    assert [site for site, *_ in guest.warned] == ["vsprintf_unsupported"]


def test_the_warning_names_the_letter() -> None:
    guest = Guest()
    guest.format(b"%lq")
    assert guest.warned == [("vsprintf_unsupported", "q")]


def test_widths_and_precisions_that_do_not_fit_are_cut_with_a_warning() -> None:
    guest = Guest()
    assert guest.format(b"%*d|", 1 << 23, 5) == b"5|".rjust(1 << 23)
    assert guest.format(b"%.*d|", 1 << 15, 5) == b"5|".rjust(1 << 15, b"0")
    assert guest.warned == [("vsprintf_width", 1 << 23), ("vsprintf_precision", 1 << 15)]


def test_a_string_is_not_read_beyond_its_precision() -> None:
    guest = Guest()
    end = BASE + PAGES * 4096
    guest.mem.write(end - 3, b"abc")
    assert guest.format(b"%.3s", end - 3) == b"abc"
    with pytest.raises(GuestFault) as fault:
        guest.format(b"%s", end - 3)
    assert fault.value.address == end


def test_a_pointer_to_nothing_faults_as_in_linux() -> None:
    with pytest.raises(GuestFault) as fault:
        Guest().format(b"%d %s", 1, 0xDEAD000000000100)
    assert fault.value.address == 0xDEAD000000000100


def test_a_format_is_parsed_once() -> None:
    guest = Guest()
    guest.format(b"%d", 1)
    parsed = guest.printf.formats[b"%d"]
    guest.format(b"%d", 2)
    assert guest.printf.formats[b"%d"] is parsed


def test_formats_and_pointers_that_are_made_up_do_not_pile_up() -> None:
    guest = Guest()
    first = guest.format(b"%p", 0x1000)
    for i in range(10_000):
        assert guest.format(b"%%d %d" % i, i) == b"%d %d" % (i, i)
        guest.printf.hashed(0x2000 + i)
    assert guest.format(b"%p", 0x1000) == first
    assert len(guest.printf.formats) <= 4096 and len(guest.printf._hashes) <= 4096


def test_an_argument_list_in_memory_is_read_from_registers_then_from_the_stack() -> None:
    guest = Guest()
    args = CopiedArguments(guest.mem, guest.va_list(1, 2, 3, 4))
    assert guest.printf.format(b"%d %d %d %d", args) == b"1 2 3 4"


def test_a_list_in_memory_moves_on_only_when_it_is_stored() -> None:
    guest = Guest()
    virt = guest.va_list(1, 2, 3, 4)
    args = CopiedArguments(guest.mem, virt)
    assert guest.printf.format(b"%d %d %d", args) == b"1 2 3"
    assert guest.printf.format(b"%d", CopiedArguments(guest.mem, virt)) == b"1"
    args.store()
    assert guest.printf.format(b"%d", CopiedArguments(guest.mem, virt)) == b"4"
