"""Every byte of code has the file and line that the tools of the compiler give it."""

import os
import random
import shutil
import subprocess

import pytest

from runtime.loader.elf import Elf
from runtime.loader.lines import Lines

SOURCE = """
#include "inner.h"
int g(int);
__attribute__((section(".other"))) int f(int a)
{
	int i, s = 0;

	for (i = 0; i < a; i++)
		s += g(i);
	return inner(s);
}

int h(int a)
{
	return f(a) ? inner(g(a)) : 3;
}
"""
INNER = """
static inline int inner(int x)
{
	return x * x +
		3;
}
"""


def compiled(directory, *flags: str) -> bytes:
    if shutil.which("gcc") is None or shutil.which("addr2line") is None:
        pytest.skip("no compiler: apt install gcc binutils")
    (directory / "inc").mkdir(exist_ok=True)
    (directory / "inc/inner.h").write_text(INNER)
    (directory / "code.c").write_text(SOURCE)
    command = ["gcc", "-O2", "-g", "-c", "-fno-pic", "-mcmodel=kernel", "-Iinc", *flags, "code.c", "-o", "code.o"]
    subprocess.run(command, cwd=directory, check=True)
    return (directory / "code.o").read_bytes()


def by_binutils(path: str, section: str, size: int) -> list[str]:
    """`file:line` of every byte of a section."""
    command = ["addr2line", "-e", path, "-j", section, *map(hex, range(size))]
    out = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return [line.split(" (")[0] for line in out.splitlines()]


def agrees(elf: Elf, path: str) -> int:
    """Compare all code; answers how many bytes that was."""
    lines, count = Lines(elf), 0
    for section in elf.sections:
        if section.flags & 4 and section.size:
            for offset, expected in enumerate(by_binutils(path, section.name, section.size)):
                found = lines.find(section.index, offset)
                file, _, line = expected.rpartition(":")
                if file == "??":
                    assert found is None
                    continue
                mine = found[2], str(found[1])
                assert mine == (os.path.normpath(file), line), (section.name, offset)
                count += 1
    return count


@pytest.mark.parametrize(
    "flags", [("-gdwarf-5",), ("-gdwarf-4",), ("-gdwarf-5", "-gz=zlib"), ("-gdwarf-3", "-gstrict-dwarf")]
)
def test_lines_agree_with_binutils(tmp_path, flags):
    elf = Elf(compiled(tmp_path, *flags))
    assert agrees(elf, str(tmp_path / "code.o")) > 50


def test_the_lines_of_a_kernel_module_agree_with_binutils(sample_ko, tmp_path):
    path = tmp_path / "sample.ko"
    path.write_bytes(sample_ko)
    assert agrees(Elf(sample_ko), str(path)) > 500


def test_a_header_keeps_the_name_of_the_build_and_gets_a_path(tmp_path):
    elf = Elf(compiled(tmp_path, "-gdwarf-5"))
    lines = Lines(elf)
    places = {lines.find(elf.section(".text").index, at) for at in range(elf.section(".text").size)}
    [(name, _, path)] = [place for place in places if place[0].endswith("inner.h")][:1]
    assert name == "inc/inner.h"
    assert path == str(tmp_path / "inc/inner.h")


def test_outside_of_code_there_is_no_line(sample_ko):
    elf = Elf(sample_ko)
    lines = Lines(elf)
    text = elf.section(".text")
    assert lines.find(text.index, text.size) is None
    assert lines.find(elf.section(".data").index, 0) is None


def test_without_debug_information_there_is_no_line(tmp_path):
    elf = Elf(compiled(tmp_path, "-g0"))
    assert Lines(elf).find(elf.section(".text").index, 0) is None


def test_a_damaged_table_gives_no_line_or_a_wrong_one_and_nothing_else(sample_ko):
    section, pick = Elf(sample_ko).section(".debug_line"), random.Random(3)
    for _ in range(200):
        data = bytearray(sample_ko)
        for _ in range(4):
            data[section.offset + pick.randrange(section.size)] = pick.randrange(256)
        elf = Elf(bytes(data))
        lines = Lines(elf)
        for at in range(0, 64, 7):
            found = lines.find(elf.section(".text").index, at)
            assert found is None or len(found) == 3
