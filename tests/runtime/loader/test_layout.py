"""Sections go where Linux puts them: rows of whole pages, the init part by itself."""

from errno import ENOMEM
from itertools import pairwise

import pytest

from runtime.loader.elf import Elf
from runtime.loader.layout import Layout
from runtime.loader.refused import Refused

ALLOC, WRITE, EXEC = 2, 1, 4
NOBITS = 8


def layout_of(maker, name="mod") -> tuple[Elf, Layout]:
    maker.tables()
    elf = Elf(maker.bytes())
    return elf, Layout(elf, name)


def everything(maker) -> None:
    maker.section(".data", ALLOC | WRITE, bytes(24), align=8)
    maker.section(".modinfo", ALLOC, b"a=b\0")
    maker.section(".text", ALLOC | EXEC, bytes(0x30), align=16)
    maker.section(".rodata", ALLOC, bytes(5))
    maker.section("__versions", ALLOC, bytes(64))
    maker.section(".data..percpu", ALLOC | WRITE, bytes(16), align=8)
    maker.section(".exit.text", ALLOC | EXEC, bytes(7))
    maker.section(".data..ro_after_init", ALLOC | WRITE, bytes(8), align=8)
    maker.section(".init.text", ALLOC | EXEC, bytes(9))
    maker.section(".init.data", ALLOC | WRITE, bytes(9), align=4)
    maker.section(".init.rodata", ALLOC, bytes(9))
    maker.section("__param", ALLOC, bytes(40), align=8)
    maker.section("__jump_table", ALLOC | WRITE, bytes(16), align=8)
    maker.section(".bss", ALLOC | WRITE, kind=NOBITS, size=0x1001, align=32)
    maker.section(".comment", 0, b"gcc\0")


def test_rows_are_text_then_read_only_then_read_only_after_init_then_writable(maker):
    everything(maker)
    elf, layout = layout_of(maker)
    places = {elf.sections[i].name: place for i, place in layout.places.items()}
    assert places == {
        ".text": (False, 0),
        ".exit.text": (False, 0x30),
        ".rodata": (False, 0x1000),
        "__param": (False, 0x1008),
        ".data..ro_after_init": (False, 0x2000),
        "__jump_table": (False, 0x2008),
        ".data": (False, 0x3000),
        ".bss": (False, 0x3020),
        ".init.text": (True, 0),
        ".init.rodata": (True, 0x1000),
        ".init.data": (True, 0x2000),
    }
    core, init = layout.core, layout.init
    assert (core.text_size, core.ro_size, core.ro_after_init_size) == (0x1000, 0x2000, 0x3000)
    assert (init.text_size, init.ro_size, init.ro_after_init_size) == (0x1000, 0x2000, 0x2000)


def test_the_symbol_tables_take_the_room_that_linux_gives_them(maker):
    text = maker.section(".text", ALLOC | EXEC, bytes(0x30), align=16)
    late = maker.section(".init.text", ALLOC | EXEC, bytes(0x30), align=16)
    for i in range(200):
        maker.symbol(f"symbol_{i:03}", text, i)
    for i in range(100):
        maker.symbol(f"gone_{i:03}", late, i)
    _, layout = layout_of(maker)
    # 201 symbols of 24 bytes, as many types, names of 11 bytes and the empty one, behind one page of text
    assert layout.core.size == 0x1000 + (201 * 25 + 200 * 11 + 1 + 0xFFF & ~0xFFF)
    # all 301 symbols and names, 32 bytes of pointers and 301 types, behind one page of text
    strings = 200 * 11 + 100 * 9 + 1
    assert layout.init.size == 0x1000 + ((301 * 24 + strings + 7 & ~7) + 32 + 301 + 0xFFF & ~0xFFF)


def test_page_ranges_are_protected_by_row_and_once_more_after_init(maker):
    everything(maker)
    _, layout = layout_of(maker)
    base, size = 0xFFFFFFFFC0000000, layout.core.size
    assert layout.core.protections(base, False) == [
        (base, 0x1000, "rx"),
        (base + 0x1000, 0x1000, "ro"),
        (base + 0x2000, 0x1000, "rw"),
        (base + 0x3000, size - 0x3000, "rw"),
    ]
    assert layout.core.protections(base, True)[2] == (base + 0x2000, 0x1000, "ro")
    assert layout.core.protected_late(base) == [(base + 0x2000, 0x1000, "ro")]


def test_empty_rows_have_no_range(maker):
    maker.section(".data", ALLOC | WRITE, bytes(24), align=8)
    _, layout = layout_of(maker)
    assert layout.core.protections(0x1000, False) == [(0x1000, layout.core.size, "rw")]
    assert layout.core.protected_late(0x1000) == []


def test_what_kallsyms_keeps_is_named_and_stays_in_memory_or_is_per_cpu(maker):
    everything(maker)
    index = {section[0]: i for i, section in enumerate(maker.sections)}
    for name, section in (
        ("f", ".text"),
        ("g", ".init.text"),
        ("v", ".data..percpu"),
        ("m", ".modinfo"),
        ("", ".text"),
    ):
        maker.symbol(name, index[section])
    maker.symbol("undefined", 0)
    maker.symbol("absolute", 0xFFF1)
    elf, layout = layout_of(maker)
    assert [s[0] for s in elf.symbols if layout.is_core(s)] == ["f", "v"]


def test_a_section_that_is_writable_and_executable_is_refused_with_the_line_of_linux(maker):
    maker.section(".evil", ALLOC | WRITE | EXEC, b"\x90")
    with pytest.raises(Refused) as caught:
        layout_of(maker, "bad")
    assert caught.value.log == ((3, "bad: section .evil (index 1) has invalid WRITE|EXEC flags"),)


def test_sections_that_do_not_fit_together_are_no_memory(maker):
    for i in range(3):
        maker.section(f".bss{i}", ALLOC | WRITE, kind=NOBITS, size=500 << 20)
    with pytest.raises(Refused) as caught:
        layout_of(maker)
    assert caught.value.errno == ENOMEM


def test_the_sections_of_a_real_module_do_not_overlap_and_lie_in_their_row(sample):
    loading, module = sample
    taken = {False: [], True: []}
    for index, (initial, offset) in loading.layout.places.items():
        section, part = module.elf.sections[index], loading.layout.init if initial else loading.layout.core
        assert offset % (section.align or 1) == 0
        assert offset + section.size <= part.size
        assert (offset + section.size <= part.text_size) == bool(section.flags & EXEC) or not section.size
        assert section.name.startswith(".init") == initial
        taken[initial].append((offset, section.size))
    for spans in taken.values():
        spans.sort()
        assert all(a + size <= b for (a, size), (b, _) in pairwise(spans))
