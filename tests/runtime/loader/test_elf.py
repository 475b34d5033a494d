"""An ELF file is read only where it is whole, and refused in one line where it is not."""

import random
import struct
from errno import EINVAL, ENOEXEC

import pytest

from runtime.loader.elf import Elf
from runtime.loader.refused import Refused

ALLOC, WRITE, EXEC = 2, 1, 4


def small(maker) -> bytearray:
    text = maker.section(".text", ALLOC | EXEC, b"\x90" * 32, align=16)
    maker.section(".bss", ALLOC | WRITE, kind=8, size=4096, align=32)
    call = maker.symbol("callee")
    maker.symbol("f", text, 4, kind=2)
    maker.rela(text, 8, 4, call, -4)
    maker.tables()
    return bytearray(maker.bytes())


def header(data: bytearray, index: int) -> int:
    """Where section header index stands."""
    return struct.unpack_from("<Q", data, 40)[0] + 64 * index


def refusal(data: bytes) -> Refused:
    with pytest.raises(Refused) as caught:
        elf = Elf(bytes(data))
        _ = elf.symbols
        for section, _target in elf.rela_sections():
            list(elf.relocations(section))
    assert caught.value.errno == ENOEXEC
    assert "\n" not in str(caught.value.strerror)
    return caught.value


def test_sections_symbols_and_relocations_are_read(maker):
    elf = Elf(bytes(small(maker)))
    text = elf.section(".text")
    assert bytes(elf.bytes_of(text)) == b"\x90" * 32
    assert (text.align, text.alloc, elf.section(".bss").size, len(elf.bytes_of(elf.section(".bss")))) == (
        16,
        True,
        4096,
        0,
    )
    assert elf.symbols[1:] == [("callee", 0, 0, 1, 0, 0), ("f", 4, 0, 1, 2, text.index)]
    [(relocations, target)] = elf.rela_sections()
    assert target is text
    assert list(elf.relocations(relocations)) == [(8, 1 << 32 | 4, -4)]


@pytest.mark.parametrize(
    ("data", "says", "logged"),
    [
        (b"#!/bin/sh\n", "not an ELF", "Invalid ELF header len 10"),
        (b"\x7fELF" + bytes(20), "cut short", "Invalid ELF header len 24"),
        (b"PK\3\4" + bytes(100), "not an ELF", "Invalid ELF header magic: != \x7fELF"),
        (b"\xfd7zXZ\0" + bytes(100), "compressed with xz", "Invalid ELF header magic: != \x7fELF"),
    ],
)
def test_what_is_no_elf_file_is_refused_with_the_line_of_linux(data, says, logged):
    error = refusal(data)
    assert says in error.strerror
    assert error.log == ((3, logged),)


@pytest.mark.parametrize(
    ("at", "form", "value", "says", "logged"),
    [
        (16, "<H", 2, "not a relocatable", "Invalid ELF header type: 2 != 1"),
        (18, "<H", 3, "x86 (32 bit)", "Invalid architecture in ELF header: 3"),
        (18, "<H", 183, "ARM (64 bit)", "Invalid architecture in ELF header: 183"),
        (58, "<H", 40, "section header size", "Invalid ELF section header size"),
        (40, "<Q", 1 << 63, "section headers lie outside", "Invalid ELF section header overflow"),
        (60, "<H", 0xFFFF, "section headers lie outside", "Invalid ELF section header overflow"),
        (62, "<H", 0, "section name index", "Invalid ELF section name index: 0 || e_shstrndx (0) >= e_shnum (7)"),
        (62, "<H", 99, "section name index", "Invalid ELF section name index: 99 || e_shstrndx (99) >= e_shnum (7)"),
    ],
)
def test_a_header_that_lies_is_refused(maker, at, form, value, says, logged):
    data = small(maker)
    struct.pack_into(form, data, at, value)
    error = refusal(data)
    assert says in error.strerror
    assert error.log == ((3, logged),)


@pytest.mark.parametrize(
    ("index", "at", "form", "value", "says"),
    [
        (0, 32, "<Q", 1, "section 0"),
        (1, 0, "<I", 1 << 20, "section name"),
        (1, 24, "<Q", 1 << 40, ".text: it ends at byte"),
        (1, 32, "<Q", (1 << 64) - 1, ".text: it ends at byte"),
        (1, 48, "<Q", 48, ".text: an alignment of 0x30"),
        (1, 48, "<Q", 1 << 40, ".text: an alignment of"),
        (2, 32, "<Q", 1 << 40, ".bss: 1099511627776 bytes of memory"),
        (4, 40, "<I", 0, "sh_link"),
        (4, 40, "<I", 77, "sh_link"),
        (4, 40, "<I", 1, "string table .text is damaged"),
        (4, 32, "<Q", 25, ".symtab: its size 25"),
        (4, 56, "<Q", 16, ".symtab: its size"),
        (5, 32, "<Q", 23, ".rela.text: its size 23"),
        (5, 4, "<I", 9, "no relocations without addend"),
        (6, 32, "<Q", 0, "empty section name table"),
        (6, 32, "<Q", 3, "null terminated"),
    ],
)
def test_a_section_that_lies_is_refused_by_name(maker, index, at, form, value, says):
    data = small(maker)
    struct.pack_into(form, data, header(data, index) + at, value)
    assert says in refusal(data).strerror


def test_the_name_of_a_symbol_must_lie_in_its_table(maker):
    data = small(maker)
    symtab = struct.unpack_from("<Q", data, header(data, 4) + 24)[0]
    struct.pack_into("<I", data, symtab + 24, 5000)
    assert "the name of symbol 1 lies outside .strtab" in refusal(data).strerror


def test_an_empty_file_is_refused_as_linux_does():
    with pytest.raises(Refused) as caught:
        Elf(b"")
    assert (caught.value.errno, caught.value.log) == (EINVAL, ())


def test_a_file_without_symbols_is_refused(maker):
    maker.section(".text", ALLOC | EXEC, b"\x90")
    assert "no symbols" in refusal(maker.bytes()).strerror


def test_every_truncation_is_refused_or_harmless(maker):
    data = bytes(small(maker))
    for size in range(1, len(data)):
        refusal(data[:size])


def test_flipped_bits_give_a_refusal_or_a_file_that_can_be_read(maker):
    whole, pick = bytes(small(maker)), random.Random(1)
    refused = 0
    for _ in range(3000):
        data = bytearray(whole)
        for _ in range(pick.randint(1, 3)):
            data[pick.randrange(len(data))] ^= 1 << pick.randrange(8)
        try:
            elf = Elf(bytes(data))
            for section in elf.sections:
                assert len(elf.bytes_of(section)) in (section.size, 0)
            for section, _ in elf.rela_sections():
                list(elf.relocations(section))
            _ = elf.symbols
        except Refused:
            refused += 1
    assert 300 < refused < 3000
