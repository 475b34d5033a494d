"""Kernel virtual memory read and written by Python: any alignment, across pages, up to the first fault."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runtime.arch import x86_64 as arch
from runtime.errors import GuestFault
from runtime.memory import Memory
from runtime.units import PAGE_SIZE
from tests.runtime.tiny import Space

BASE = arch.VMALLOC_START
FRAMES = (0x9000, 0x5000, 0x7000)  # of three pages in a row: not contiguous, so that a copy has to follow the tables
END = BASE + 3 * PAGE_SIZE
READ_ONLY = BASE + 8 * PAGE_SIZE


def memory() -> Memory:
    """Three pages, the next one absent, then a read-only page after a writable one."""
    space = Space()
    for index, phys in enumerate(FRAMES):
        space.tables.map_page(BASE + index * PAGE_SIZE, phys, arch.KERNEL)
    space.tables.map_page(READ_ONLY - PAGE_SIZE, 0xB000, arch.KERNEL)
    space.tables.map_page(READ_ONLY, 0xC000, arch.KERNEL_RO)
    return space.mem


@pytest.fixture
def mem() -> Memory:
    return memory()


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_any_write_is_read_back_and_nothing_else_changes(data: st.DataObject) -> None:
    mem, model = memory(), bytearray(3 * PAGE_SIZE)
    borders = st.integers(-12, 12).map(lambda d: PAGE_SIZE + d) | st.integers(0, 3 * PAGE_SIZE - 1)
    for _ in range(8):
        at = data.draw(borders)
        size = data.draw(st.integers(0, 20) | st.integers(0, 3 * PAGE_SIZE))
        size = min(size, 3 * PAGE_SIZE - at)
        content = data.draw(st.binary(min_size=1, max_size=9)) * (size + 1)
        if data.draw(st.booleans()):
            mem.write(BASE + at, content[:size])
            model[at : at + size] = content[:size]
        else:
            mem.fill(BASE + at, size, content[0])
            model[at : at + size] = content[:1] * size
        assert mem.read(BASE + at, size) == model[at : at + size]
    assert mem.read(BASE, 3 * PAGE_SIZE) == model


@pytest.mark.parametrize("size", [1, 2, 4, 8])
@pytest.mark.parametrize("back", range(9))
def test_a_number_may_lie_across_a_page_border(mem: Memory, size: int, back: int) -> None:
    virt, bits = BASE + PAGE_SIZE - back, 8 * size
    put, unsigned, signed = (getattr(mem, f"{kind}{bits}") for kind in ("put", "u", "i"))
    value = 0xF1E2D3C4B5A69788 >> 64 - bits
    put(virt, value | 1 << bits)
    assert unsigned(virt) == value and signed(virt) == value - (1 << bits)
    assert mem.read(virt, size) == value.to_bytes(size, "little")
    assert mem.read(virt - 1, 1) + mem.read(virt + size, 1) == b"\0\0"
    put(virt, -2)
    assert signed(virt) == -2


@pytest.mark.parametrize("virt", [0, 8, END, BASE - 1, 0x6B6B6B6B6B6B6B6B, (1 << 64) - 8])
def test_an_address_that_is_not_mapped_is_a_fault(mem: Memory, virt: int) -> None:
    for read in (mem.u8, mem.u16, mem.u32, mem.u64, mem.i8, mem.i64, mem.cstr, mem.phys):
        with pytest.raises(GuestFault) as caught:
            read(virt)
        assert (caught.value.address, caught.value.write) == (virt, False)
    for write in (mem.put8, mem.put16, mem.put32, mem.put64):
        with pytest.raises(GuestFault) as caught:
            write(virt, 1)
        assert (caught.value.address, caught.value.write) == (virt, True)


def test_a_number_that_begins_on_the_last_page_faults_at_the_next_one(mem: Memory) -> None:
    with pytest.raises(GuestFault) as caught:
        mem.u64(END - 4)
    assert caught.value.address == END
    with pytest.raises(GuestFault) as caught:
        mem.put32(END - 1, 5)
    assert caught.value.address == END and caught.value.write


def test_a_copy_gets_as_far_as_the_first_page_that_faults(mem: Memory) -> None:
    with pytest.raises(GuestFault) as caught:
        mem.write(END - 3, b"abcdef")
    assert caught.value.address == END and mem.read(END - 3, 3) == b"abc"
    with pytest.raises(GuestFault):
        mem.fill(END - 5, 6, 0x55)
    assert mem.read(END - 5, 5) == b"\x55" * 5
    with pytest.raises(GuestFault) as caught:
        mem.read(END - 3, 4)
    assert (caught.value.address, caught.value.write) == (END, False)


def test_a_read_only_page_is_read_and_not_written(mem: Memory) -> None:
    mem.ram.write(0xC000, b"constant")
    assert mem.read(READ_ONLY, 8) == b"constant" and mem.u8(READ_ONLY) == ord("c")
    with pytest.raises(GuestFault) as caught:
        mem.write(READ_ONLY - 2, b"xyz!")
    assert (caught.value.address, caught.value.write) == (READ_ONLY, True)
    assert mem.read(READ_ONLY - 2, 4) == b"xyco"


def test_no_bytes_are_no_access(mem: Memory) -> None:
    assert mem.read(0, 0) == b"" and mem.cstr(0, 0) == b""
    mem.write(0, b"")
    mem.fill(0, 0, 1)


def test_a_string_may_cross_pages_and_end_anywhere(mem: Memory) -> None:
    mem.write(BASE + PAGE_SIZE - 3, b"abcdef\0")
    mem.write(BASE + 2 * PAGE_SIZE - 3, b"xyz\0")
    assert mem.cstr(BASE + PAGE_SIZE - 3) == b"abcdef" and mem.strlen(BASE + PAGE_SIZE - 3) == 6
    assert mem.cstr(BASE + 2 * PAGE_SIZE - 3) == b"xyz"
    assert mem.cstr(BASE) == b"" and mem.strlen(BASE) == 0


@pytest.mark.parametrize("limit", range(8))
def test_a_string_is_read_up_to_its_limit(mem: Memory, limit: int) -> None:
    mem.write(BASE + PAGE_SIZE - 3, b"abcdef\0")
    assert mem.cstr(BASE + PAGE_SIZE - 3, limit) == b"abcdef"[:limit]
    assert mem.strlen(BASE + PAGE_SIZE - 3, limit) == min(limit, 6)


def test_a_string_without_an_end_faults_behind_the_last_page(mem: Memory) -> None:
    mem.fill(END - 4, 4, 0x41)
    assert mem.cstr(END - 4, 4) == b"AAAA"
    with pytest.raises(GuestFault) as caught:
        mem.cstr(END - 4)
    assert caught.value.address == END


def test_what_is_filled_lazily_is_asked_for_once(mem: Memory) -> None:
    asked: list[int] = []

    def lazy(virt: int) -> bool:
        asked.append(virt)
        if virt >> 12 == END >> 12:
            mem.tables.map_page(END, 0xD000, arch.KERNEL)
            return True
        return False

    mem.lazy = lazy
    mem.put64(END + 8, 77)
    assert mem.u64(END + 8) == 77 and asked == [END + 8]
    with pytest.raises(GuestFault):
        mem.u64(END + PAGE_SIZE)
    with pytest.raises(GuestFault):
        mem.put8(READ_ONLY, 1)
    assert asked == [END + 8, END + PAGE_SIZE]


def test_an_unmapped_page_is_not_remembered(mem: Memory) -> None:
    mem.put64(BASE, 1)
    mem.tables.unmap_page(BASE)
    for access in (lambda: mem.u64(BASE), lambda: mem.put64(BASE, 2)):
        with pytest.raises(GuestFault):
            access()
    mem.tables.map_page(BASE, 0x5000, arch.KERNEL_RO)
    assert mem.phys(BASE + 5) == 0x5005
    with pytest.raises(GuestFault):
        mem.phys_w(BASE)
