"""Guest RAM: views to read, methods to write, and the pages that a rewindable machine has to know."""

import pytest

from runtime.ram import Ram, RewindableRam, make_ram
from runtime.undo import Undo
from runtime.units import PAGE_SIZE, GiB, MiB

SIZE = 1 * MiB


@pytest.fixture(params=[False, True], ids=["plain", "rewindable"])
def ram(request: pytest.FixtureRequest) -> Ram:
    return make_ram(SIZE, Undo(request.param))


def test_what_is_written_shows_in_every_view(ram: Ram) -> None:
    ram.put64(0x100, 0xFEDCBA9876543210)
    assert ram.u64[0x20] == 0xFEDCBA9876543210 and ram.i64[0x20] == 0xFEDCBA9876543210 - (1 << 64)
    assert ram.u32[0x41] == 0xFEDCBA98 and ram.i32[0x41] == 0xFEDCBA98 - (1 << 32)
    assert ram.u16[0x80] == 0x3210 and ram.u8[0x107] == 0xFE
    assert ram.read(0x100, 4) == ram.mem[0x100:0x104] == b"\x10\x32\x54\x76"


def test_values_are_cut_to_their_width(ram: Ram) -> None:
    ram.put64(0, 1 << 64 | 5)
    ram.put32(8, -1)
    ram.put16(12, 0x12345)
    ram.put8(14, -2)
    assert ram.u64[0] == 5 and ram.u32[2] == 0xFFFFFFFF and ram.u16[6] == 0x2345 and ram.u8[14] == 0xFE
    assert ram.u8[15] == 0


def test_fill_and_zero_touch_what_they_are_told(ram: Ram) -> None:
    ram.fill(0x1001, 0x1FFE, 0xAB)
    assert ram.u8[0x1000] == 0 and ram.read(0x1001, 0x1FFE) == b"\xab" * 0x1FFE and ram.u8[0x2FFF] == 0
    ram.zero(0x1800, 3)
    assert ram.read(0x17FF, 5) == b"\xab\0\0\0\xab"
    ram.fill(0x1900, 0, 0xFF)
    assert ram.u8[0x1900] == 0xAB


def test_python_remembers_the_pages_that_it_wrote() -> None:
    ram = make_ram(SIZE, Undo(True))
    assert isinstance(ram, RewindableRam)
    ram.put64(0x1000, 1)
    ram.put32(0x2000, 1)
    ram.put16(0x3000, 1)
    ram.put8(0x4000, 1)
    ram.write(0x5FFF, b"ab")
    ram.fill(0x8FFF, PAGE_SIZE + 2, 1)
    ram.zero(0x10000, PAGE_SIZE)
    ram.write(0x20000, b"")
    ram.fill(0x21000, 0, 1)
    assert ram.written == {1, 2, 3, 4, 5, 6, 8, 9, 10, 16}


def test_a_plain_machine_remembers_nothing() -> None:
    ram = make_ram(SIZE, Undo(False))
    ram.write(0, b"abc")
    ram.put64(0x1000, 1)
    assert not ram.written


def test_untouched_memory_costs_nothing() -> None:
    ram = Ram(64 * GiB)
    ram.put64(ram.size - 8, 7)
    assert ram.u64[-1] == 7 and not ram.u64[0]


def test_a_write_beyond_the_end_is_refused(ram: Ram) -> None:
    with pytest.raises((IndexError, ValueError)):
        ram.write(SIZE - 2, b"abcd")
    with pytest.raises(IndexError):
        ram.put64(SIZE, 1)
