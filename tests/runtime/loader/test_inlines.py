"""An instruction of an inlined function is named by all the functions that it was inlined into."""

import os
import random
import shutil
import subprocess

import pytest

from runtime.loader.elf import Elf
from runtime.loader.inlines import Inlines
from runtime.loader.lines import Lines

SOURCE = """
int g(int);
static inline __attribute__((always_inline)) int inner(int x)
{
	return g(x) * 3;
}
static inline __attribute__((always_inline)) int middle(int x)
{
	if (x > 3)
		return inner(x - 1) + 1;
	return inner(x + 1);
}
__attribute__((section(".other"))) int outer(int a)
{
	return middle(a) +
		inner(g(a));
}
int plain(int a)
{
	return g(a) + 1;
}
"""


def line_of(text: str) -> int:
    return next(number for number, line in enumerate(SOURCE.splitlines(), 1) if text in line)


def compiled(directory, *flags: str) -> Elf:
    if shutil.which("gcc") is None:
        pytest.skip("no compiler: apt install gcc")
    (directory / "code.c").write_text(SOURCE)
    command = ["gcc", "-O2", "-g", "-c", "-fno-pic", "-mcmodel=kernel", *flags, "code.c", "-o", "code.o"]
    subprocess.run(command, cwd=directory, check=True)
    return Elf((directory / "code.o").read_bytes())


def chains(elf: Elf, name: str) -> set[tuple[tuple[str, int], ...]]:
    """All different chains (function, line) of a section."""
    inlines, section = Inlines(elf, Lines(elf)), elf.section(name)
    found = (inlines.find(section.index, at) for at in range(section.size))
    return {tuple((function, place[1]) for function, place in chain) for chain in found}


@pytest.mark.parametrize("flags", [("-gdwarf-5",), ("-gdwarf-4",), ("-gdwarf-5", "-gz=zlib")])
def test_each_level_is_named_with_the_line_of_its_call(tmp_path, flags):
    found = chains(compiled(tmp_path, *flags), ".other")
    call = ("inner", line_of("g(x) * 3"))
    assert (call, ("middle", line_of("inner(x - 1)")), ("outer", line_of("middle(a)"))) in found
    assert (call, ("middle", line_of("inner(x + 1)")), ("outer", line_of("middle(a)"))) in found
    assert (call, ("outer", line_of("inner(g(a))"))) in found


def test_code_that_is_not_inlined_has_one_level(tmp_path):
    found = chains(compiled(tmp_path), ".text")
    assert {chain[0][0] for chain in found} <= {"plain", "?"}
    assert {len(chain) for chain in found} == {1}


def test_the_chains_of_a_kernel_module_agree_with_binutils(sample_ko, tmp_path):
    if shutil.which("addr2line") is None:
        pytest.skip("no addr2line: apt install binutils")
    path = tmp_path / "sample.ko"
    path.write_bytes(sample_ko)
    elf, deepest = Elf(sample_ko), 0
    inlines = Inlines(elf, Lines(elf))
    section = elf.section(".init.text")
    command = ["addr2line", "-i", "-f", "-a", "-e", str(path), "-j", section.name, *map(hex, range(section.size))]
    groups = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split("0x")[1:]
    for offset, group in enumerate(groups):
        rows = [row.split(" (")[0] for row in group.splitlines()[1:]]
        expected = [
            (name, os.path.normpath(place.rpartition(":")[0]), int(place.rpartition(":")[2]))
            for name, place in zip(rows[::2], rows[1::2], strict=True)
        ]
        found = [(name, place[2], place[1]) for name, place in inlines.find(section.index, offset)]
        assert found == expected
        deepest = max(deepest, len(found))
    assert deepest > 2


def test_a_module_names_the_functions_around_an_address(sample):
    _, module = sample
    levels = module.inlined(module.init)
    assert levels[-1][0] == "sample_init"
    assert levels[0][1] == module.line(module.init)
    assert module.inlined(0xFFFFFFFF81000000) == []


def test_without_debug_information_nothing_is_named(tmp_path):
    elf = compiled(tmp_path, "-g0")
    assert Inlines(elf, Lines(elf)).find(elf.section(".text").index, 0) == []


@pytest.mark.parametrize("name", [".debug_info", ".debug_abbrev", ".debug_rnglists"])
def test_damaged_entries_give_fewer_names_and_nothing_else(sample_ko, name):
    section, pick = Elf(sample_ko).section(name), random.Random(5)
    for _ in range(60):
        data = bytearray(sample_ko)
        for _ in range(8):
            data[section.offset + pick.randrange(section.size)] = pick.randrange(256)
        elf = Elf(bytes(data))
        inlines, text = Inlines(elf, Lines(elf)), elf.section(".init.text")
        for at in range(0, text.size, 37):
            assert inlines.find(text.index, at)
