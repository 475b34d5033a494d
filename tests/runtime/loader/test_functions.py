"""Functions that have code, and the instructions at which their lines begin."""

import shutil
import subprocess
from pathlib import Path

import pytest

from runtime.loader.elf import Elf
from runtime.loader.functions import Functions
from runtime.loader.lines import Lines

SOURCE = """\
int outside(int);
static inline int half(int x)
{
	return outside(x) / 2;
}
static __attribute__((noinline)) int whole(int x)
{
	if (x > 5)
		return half(x) + half(x + 1);
	return outside(3);
}
static int never_used(int x) { return x; }
int front(int x)
{
	return whole(x) + half(7);
}
"""


COMPILERS = ["gcc -gdwarf-5", "gcc -gdwarf-4", *(["clang -gdwarf-5"] if shutil.which("clang") else [])]


@pytest.fixture(params=COMPILERS)
def elf(request: pytest.FixtureRequest, tmp_path: Path) -> Elf:
    compiler, version = request.param.split()
    (tmp_path / "f.c").write_text(SOURCE)
    command = [compiler, "-O2", version, "-Wno-unused-function", "-c", "f.c", "-o", "f.o"]
    subprocess.run(command, cwd=tmp_path, check=True)
    return Elf((tmp_path / "f.o").read_bytes())


def line(text: str) -> int:
    return next(number for number, row in enumerate(SOURCE.splitlines(), 1) if row.startswith(text))


def test_functions_have_the_line_of_their_declaration(elf: Elf) -> None:
    functions = Functions(elf, Lines(elf))
    found = {(name, place[1], Path(place[2]).name) for name, place, _ in functions.bodies}
    assert found == {
        ("half", line("static inline"), "f.c"), ("whole", line("static __attr"), "f.c"),
        ("front", line("int front"), "f.c"),
    }  # fmt: skip


def test_an_inlined_function_has_a_body_at_each_place(elf: Elf) -> None:
    bodies = [name for name, _, _ in Functions(elf, Lines(elf)).bodies]
    assert bodies.count("half") == 3 and bodies.count("front") == 1


def test_a_body_begins_in_the_code_at_a_symbol(elf: Elf) -> None:
    symbols = {symbol[0]: (symbol[5], symbol[1]) for symbol in elf.symbols}
    bodies = {name: first for name, _, first in Functions(elf, Lines(elf)).bodies if name != "half"}
    assert bodies == {name: symbols[name] for name in bodies}


def test_the_directory_of_the_source_is_known(elf: Elf, tmp_path: Path) -> None:
    assert Functions(elf, Lines(elf)).directories == {str(tmp_path)}


def test_statements_begin_at_instructions_of_their_line(elf: Elf) -> None:
    begins = {place[1] for _, _, place, begin in Lines(elf).instructions() if begin}
    assert {line("\tif (x"), line("\treturn outside(3)"), line("\treturn outside(x)")} <= begins
    assert line("static int never_used") not in begins


def test_no_instruction_lies_behind_its_code(elf: Elf) -> None:
    for section, offset, _, _ in Lines(elf).instructions():
        assert offset < elf.sections[section].size


@pytest.mark.parametrize("cut", range(0, 400, 7))
def test_damaged_debug_information_ends_where_the_damage_begins(elf: Elf, cut: int) -> None:
    section = elf.section(".debug_info")
    assert section is not None
    data = bytearray(elf.data)
    data[section.offset + cut % section.size] ^= 0xFF
    damaged = Elf(bytes(data))
    Functions(damaged, Lines(damaged))
