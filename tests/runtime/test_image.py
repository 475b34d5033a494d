"""The kernel's image in the guest: stubs, pieces of code, variables."""

import pytest

from runtime.arch import x86_64 as arch
from runtime.cpu.traps import STUB_SIZE
from runtime.image import KernelImage
from runtime.symbols import Symbols
from runtime.units import PAGE_SIZE, MiB
from tests.runtime.tiny import Space

PHYS = 2 * MiB


def trap() -> None:
    raise AssertionError("nobody calls it here")


def make(journal: bool = False) -> tuple[KernelImage, Space]:
    space = Space(journal)
    return KernelImage(space.ram, space.tables, space.undo, PHYS, Symbols()), space


def test_a_function_is_a_stub_that_returns() -> None:
    image, space = make()
    first, second = image.function("kmalloc", trap), image.function("kfree", trap)
    assert (first, second) == (arch.KERNEL_TEXT, arch.KERNEL_TEXT + STUB_SIZE)
    assert image.stubs.table[second] is trap and space.mem.u8(first) == 0xC3
    assert image.symbols.describe(second + 1) == "kfree+0x1/0x10"


def test_every_stub_returns_however_many_there_are() -> None:
    image, space = make()
    for number in range(2 * PAGE_SIZE // STUB_SIZE + 1):
        assert space.mem.u8(image.function(f"f{number}", trap)) == 0xC3


def test_stubs_run_out() -> None:
    image, _ = make()
    with pytest.raises(MemoryError):
        for number in range(arch.STUBS_SIZE // STUB_SIZE + 1):
            image.function(f"f{number}", trap)


def test_code_lies_on_pages_without_stubs_and_is_read_only() -> None:
    image, space = make()
    first, second = image.code("memcpy", bytes(range(1, 18))), image.code("ret", b"\xc3")
    assert first == arch.KERNEL_CODE and second == first + 32
    assert space.mem.read(first, 32) == bytes(range(1, 18)) + b"\xcc" * 15
    assert not space.tables.lookup(first)[1] & (arch.PTE_WRITE | arch.PTE_NX)
    assert image.symbols.describe(first + 31) == "memcpy+0x1f/0x20"


def test_a_variable_is_zero_writable_and_aligned() -> None:
    image, space = make()
    virts = [image.variable(name, size, align) for name, size, align in (("a", 1, 1), ("b", 3, 64), ("c", 8, 8))]
    assert virts[0] == arch.KERNEL_DATA and virts[1] % 64 == 0 and virts[2] == virts[1] + 8
    for virt in virts:
        assert space.mem.u64(virt) == 0
        space.mem.put64(virt, virt)
    assert [space.mem.u64(virt) for virt in virts] == virts
    assert space.tables.lookup(virts[0])[1] & arch.PTE_NX


def test_every_variable_is_found_by_its_address() -> None:
    image, _ = make()
    virts = {name: image.variable(name, size) for name, size in (("a", 8), ("b", 8), ("table", 3 * PAGE_SIZE))}
    for name, virt in virts.items():
        found = image.symbols.lookup(virt + 7)
        assert found is not None and (found.name, found.offset) == (name, 7)
    last = image.symbols.lookup(virts["table"] + 3 * PAGE_SIZE - 1)
    assert last is not None and last.name == "table"


def test_a_variable_with_pages_of_its_own_shares_them_with_nobody() -> None:
    image, _ = make()
    before, page, after = image.variable("a", 8), image.variable("jiffies", 8, page=True), image.variable("b", 8)
    assert page % PAGE_SIZE == 0 and len({before >> 12, page >> 12, after >> 12}) == 3


def test_the_kernels_data_is_finite() -> None:
    image, _ = make()
    with pytest.raises(MemoryError):
        image.variable("huge", arch.KERNEL_IMAGE_SIZE)


def test_addresses_of_the_image_lie_where_it_says() -> None:
    image, space = make()
    virt = image.variable("a", 8)
    assert image.to_phys(virt) == space.mem.phys(virt)
    assert virt - arch.START_KERNEL_MAP + image.phys_base & arch.POINTER_MASK == space.mem.phys(virt)


def test_variables_of_a_rewindable_machine_are_clean_at_first() -> None:
    image, space = make(journal=True)
    assert not space.tables.lookup(image.variable("a", 8))[1] & arch.PTE_DIRTY


def test_stubs_made_after_a_mark_are_gone_after_a_rewind_and_made_anew() -> None:
    image, space = make(journal=True)
    kept = image.function("kept", trap)
    mark = space.undo.mark()
    for number in range(2 * PAGE_SIZE // STUB_SIZE + 1):
        image.function(f"f{number}", trap)
    space.undo.rewind(mark)
    space.ram.zero(PHYS + PAGE_SIZE, 2 * PAGE_SIZE)  # as a rewind of RAM does
    assert list(image.stubs.table) == [kept]
    again = image.function("again", trap)
    assert again == kept + STUB_SIZE and image.symbols.describe(again) == "again+0x0/0x10"
    for number in range(PAGE_SIZE // STUB_SIZE):
        assert space.mem.u8(image.function(f"g{number}", trap)) == 0xC3
