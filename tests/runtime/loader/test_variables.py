"""Variables on the stack, by their place in a frame. The module is tests/runtime/uninit/stack.c."""

from pathlib import Path

import pytest

from runtime.loader.elf import Elf
from runtime.loader.variables import Variable, Variables
from toolchain import build

SOURCE = Path(__file__).parents[1] / "uninit" / "stack.c"
FRAME = 512  # no frame of the module is larger


@pytest.fixture(scope="module")
def elf() -> Elf:
    return Elf(build(SOURCE, bundled=True).read_bytes())


def places(elf: Elf, function: str) -> dict[int, Variable]:
    """What lies where below the base of a function's frame."""
    value, section = next((symbol[1], symbol[5]) for symbol in elf.symbols if symbol[0].partition(".")[0] == function)
    found = {place: Variables(elf).find(section, value + 4, place) for place in range(-FRAME, 0)}
    return {place: variable for place, variable in found.items() if variable is not None}


@pytest.mark.parametrize(
    "function, name, size", [("use_variable", "n", 4), ("use_padding", "x", 8), ("use_buffer", "buffer", 24),
                             ("scribble", "words", 256)],
)  # fmt: skip
def test_a_variable_is_found_by_each_of_its_bytes(elf: Elf, function: str, name: str, size: int) -> None:
    found = {place: variable for place, variable in places(elf, function).items() if variable.name == name}
    assert len(found) == size
    assert set(found.values()) == {Variable(name, function, min(found), size)}


def test_no_two_variables_share_a_place(elf: Elf) -> None:
    assert len({(v.name, v.start) for v in places(elf, "use_variable").values()}) == 1


def test_between_and_outside_of_functions_there_is_nothing(elf: Elf) -> None:
    section = next(symbol[5] for symbol in elf.symbols if symbol[0] == "use_buffer")
    assert Variables(elf).find(section, 1 << 20, -8) is None
    assert Variables(elf).find(section + 1000, 0, -8) is None
    assert not [place for place in places(elf, "use_buffer") if place >= 0]
