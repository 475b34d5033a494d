"""Makes damaged or unusual modules out of a good one, for what insmod says of each.

`VARIANTS[name](ko)` takes the bytes of a 64-bit .ko (built by kbuild, debug information or not) and returns the bytes
of the variant. results.txt says what the real kernel makes of each. Nothing here needs more than `struct`.

    python3 corrupt.py VARIANT IN.ko OUT.ko
"""
import struct
import sys
from collections.abc import Callable

EHDR = "<16sHHIQQQIHHHHHH"
SHDR = "<IIQQQQIIQQ"
SYM = "<IBBHQQ"
RELA = "<QQq"
NAME, TYPE, FLAGS, ADDR, OFFSET, SIZE, LINK, INFO, ALIGN, ENTSIZE = range(10)
E_TYPE, E_MACHINE, E_SHOFF, E_SHENTSIZE, E_SHNUM, E_SHSTRNDX = 1, 2, 6, 11, 12, 13
SHT_PROGBITS, SHT_SYMTAB, SHT_RELA, SHF_EXECINSTR = 1, 2, 4, 4
R_X86_64_GOTPCREL, R_X86_64_32, R_X86_64_32S = 9, 10, 11
VERSION = "<Q56s"       # one entry of __versions: the CRC and the name

Variant = Callable[[bytes], bytes]


class Elf:
    """The bytes of a module, with its headers as lists of integers; bytes(elf) writes them back."""

    def __init__(self, ko: bytes) -> None:
        self.data = bytearray(ko)
        self.header = list(struct.unpack_from(EHDR, ko))
        self.sections = [list(struct.unpack_from(SHDR, ko, self.header[E_SHOFF] + i * 64))
                         for i in range(self.header[E_SHNUM])]
        self.shoff, self.shnum = self.header[E_SHOFF], self.header[E_SHNUM]
        self.names = self.sections[self.header[E_SHSTRNDX]]

    def name_of(self, section: list[int]) -> str:
        start = self.names[OFFSET] + section[NAME]
        return self.data[start:self.data.index(0, start)].decode()

    def section(self, name: str) -> list[int]:
        return next(s for s in self.sections if self.name_of(s) == name)

    def content(self, section: list[int]) -> bytes:
        return bytes(self.data[section[OFFSET]:section[OFFSET] + section[SIZE]])

    def replace(self, section: list[int], content: bytes) -> None:
        """Give a section new content, of any length: it is written to the end of the file."""
        self.data += bytes(-len(self.data) % 64)
        section[OFFSET], section[SIZE] = len(self.data), len(content)
        self.data += content

    def rename(self, section: list[int]) -> None:
        """Make the kernel miss a section: the last letter of its name changes."""
        start = self.names[OFFSET] + section[NAME]
        self.data[self.data.index(0, start) - 1] ^= 1

    def __bytes__(self) -> bytes:
        out = bytearray(self.data)
        struct.pack_into(EHDR, out, 0, *self.header)
        for i, section in enumerate(self.sections[:self.shnum]):
            struct.pack_into(SHDR, out, self.shoff + i * 64, *section)
        return bytes(out)


def edited(edit: Callable[[Elf], None]) -> Variant:
    def variant(ko: bytes) -> bytes:
        elf = Elf(ko)
        edit(elf)
        return bytes(elf)
    return variant


def modinfo(key: str, value: str | None) -> Variant:
    """Set a line of .modinfo; without a value, remove it."""
    def edit(elf: Elf) -> None:
        section = elf.section(".modinfo")
        lines = [x for x in elf.content(section).split(b"\0") if x and not x.startswith(key.encode() + b"=")]
        if value is not None:
            lines.append(f"{key}={value}".encode())
        elf.replace(section, b"\0".join(lines) + b"\0")
    return edited(edit)


def versions(name: str, crc: int | None) -> Variant:
    """Set the CRC of an imported symbol; without one, remove its entry."""
    def edit(elf: Elf) -> None:
        section = elf.section("__versions")
        out = b""
        for old, symbol in struct.iter_unpack(VERSION, elf.content(section)):
            if symbol.rstrip(b"\0") != name.encode():
                out += struct.pack(VERSION, old, symbol)
            elif crc is not None:
                out += struct.pack(VERSION, crc, symbol)
        elf.replace(section, out)
    return edited(edit)


def header_field(index: int, value: int) -> Variant:
    def edit(elf: Elf) -> None:
        elf.header[index] = value
    return edited(edit)


def section_field(name: str, index: int, change: Callable[[int], int]) -> Variant:
    def edit(elf: Elf) -> None:
        section = elf.section(name)
        section[index] = change(section[index])
    return edited(edit)


def renamed(name: str) -> Variant:
    return edited(lambda elf: elf.rename(elf.section(name)))


def call_of_printk(elf: Elf) -> int:
    """Where in the file the relocation of the call of _printk in .init.text lies."""
    symtab = elf.section(".symtab")
    strings = elf.content(elf.sections[symtab[LINK]])
    names = [strings[s[0]:strings.index(0, s[0])] for s in struct.iter_unpack(SYM, elf.content(symtab))]
    section = elf.section(".rela.init.text")
    infos = [info for _, info, _ in struct.iter_unpack(RELA, elf.content(section))]
    index = next(i for i, info in enumerate(infos) if names[info >> 32] == b"_printk")
    return section[OFFSET] + index * struct.calcsize(RELA)


def relocation(kind: int, extra: int = 0) -> Variant:
    """Change the type and addend of that relocation."""
    def edit(elf: Elf) -> None:
        place = call_of_printk(elf)
        offset, info, addend = struct.unpack_from(RELA, elf.data, place)
        struct.pack_into(RELA, elf.data, place, offset, info & ~0xffffffff | kind, addend + extra)
    return edited(edit)


def undefined_symbol(change: Callable[[list[int]], None]) -> Variant:
    """Change the first undefined symbol that has a name: (name, info, other, shndx, value, size)."""
    def edit(elf: Elf) -> None:
        section = elf.section(".symtab")
        symbols = [list(s) for s in struct.iter_unpack(SYM, elf.content(section))]
        change(next(s for s in symbols if s[0] and s[3] == 0))
        elf.replace(section, b"".join(struct.pack(SYM, *s) for s in symbols))
    return edited(edit)


def set_symbol(index: int, value: int) -> Callable[[list[int]], None]:
    def change(symbol: list[int]) -> None:
        symbol[index] = value
    return change


def nonzero_target(elf: Elf) -> None:
    """Put something at the place that the relocation is about to fill."""
    offset = struct.unpack_from(RELA, elf.data, call_of_printk(elf))[0]
    struct.pack_into("<I", elf.data, elf.section(".init.text")[OFFSET] + offset, 0x12345678)


VARIANTS: dict[str, Variant] = {
    # .modinfo
    "license_proprietary": modinfo("license", "Proprietary"),
    "license_none": modinfo("license", None),
    "license_gpl_v2": modinfo("license", "GPL v2"),
    "license_dual_mit": modinfo("license", "Dual MIT/GPL"),
    "license_mit": modinfo("license", "MIT"),
    "license_gpl_lower_case": modinfo("license", "gpl"),
    "vermagic_other_release": modinfo("vermagic", "6.1.0-1-other SMP preempt mod_unload modversions "),
    "vermagic_other_flags": modinfo("vermagic", "6.1.0-1-other SMP mod_unload modversions "),
    "vermagic_none": modinfo("vermagic", None),
    "no_retpoline": modinfo("retpoline", None),
    "intree": modinfo("intree", "Y"),
    "staging": modinfo("staging", "Y"),
    "livepatch": modinfo("livepatch", "Y"),
    "name_other": modinfo("name", "somebody"),
    # __versions
    "crc_wrong": versions("_printk", 0x12345678),
    "crc_missing": versions("_printk", None),
    "crc_module_layout": versions("module_layout", 0x12345678),
    "versions_none": renamed("__versions"),
    # struct module
    "struct_module_smaller": section_field(".gnu.linkonce.this_module", SIZE, lambda n: n - 64),
    "struct_module_larger": section_field(".gnu.linkonce.this_module", SIZE, lambda n: n + 64),
    "struct_module_missing": renamed(".gnu.linkonce.this_module"),
    # the file
    "empty": lambda ko: b"",
    "one_byte": lambda ko: ko[:1],
    "truncated_header": lambda ko: ko[:40],
    "truncated_half": lambda ko: ko[:len(ko) // 2],
    "truncated_last_byte": lambda ko: ko[:-1],
    "text": lambda ko: b"This is not a kernel module.\n" * 10,
    "appended_garbage": lambda ko: ko + b"garbage",
    "appended_signature": lambda ko: ko + bytes(12) + b"~Module signature appended~\n",
    # the ELF header
    "magic": lambda ko: b"\x7fELG" + ko[4:],
    "elf32": lambda ko: ko[:4] + b"\1" + ko[5:],
    "big_endian": lambda ko: ko[:5] + b"\2" + ko[6:],
    "machine_i386": header_field(E_MACHINE, 3),
    "machine_arm64": header_field(E_MACHINE, 183),
    "type_exec": header_field(E_TYPE, 2),
    "shentsize": header_field(E_SHENTSIZE, 40),
    "shoff_beyond": header_field(E_SHOFF, 1 << 40),
    "shnum_zero": header_field(E_SHNUM, 0),
    "shnum_beyond": header_field(E_SHNUM, 60000),
    "shstrndx_beyond": header_field(E_SHSTRNDX, 5000),
    "shstrndx_text": edited(lambda elf: elf.header.__setitem__(E_SHSTRNDX, elf.sections.index(elf.section(".text")))),
    # sections
    "section_offset_beyond": section_field(".init.text", OFFSET, lambda n: 1 << 40),
    "section_size_beyond": section_field(".init.text", SIZE, lambda n: 1 << 40),
    "section_name_beyond": section_field(".init.text", NAME, lambda n: 1 << 30),
    "no_symtab": section_field(".symtab", TYPE, lambda n: SHT_PROGBITS),
    "two_symtabs": section_field(".comment", TYPE, lambda n: SHT_SYMTAB),
    "symtab_link_beyond": section_field(".symtab", LINK, lambda n: 5000),
    "modinfo_missing": renamed(".modinfo"),
    "init_text_writable": section_field(".init.text", FLAGS, lambda n: n | 1),
    "data_executable": section_field(".data", FLAGS, lambda n: n | SHF_EXECINSTR),
    # symbols and relocations
    "symbol_common": undefined_symbol(set_symbol(3, 0xfff2)),
    "symbol_section_beyond": undefined_symbol(set_symbol(3, 5000)),
    "rela_unknown_type": relocation(99),
    "rela_32s_overflow": relocation(R_X86_64_32S, 1 << 40),
    "rela_32_overflow": relocation(R_X86_64_32),
    "rela_got": relocation(R_X86_64_GOTPCREL),
    "rela_nonzero_target": edited(nonzero_target),
}


if __name__ == "__main__":
    if len(sys.argv) != 4 or sys.argv[1] not in VARIANTS:
        sys.exit(f"{__doc__}\nvariants: {' '.join(VARIANTS)}")
    with open(sys.argv[2], "rb") as good:
        made = VARIANTS[sys.argv[1]](good.read())
    with open(sys.argv[3], "wb") as variant:
        variant.write(made)
