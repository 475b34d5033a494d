"""Layouts are read from DWARF as C has them: checked against the compiler's own offsetof."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from elftools.elf.elffile import ELFFile

from tests.toolchain.conftest import installed_compilers, short
from toolchain.compilers import environment
from toolchain.layouts import Layouts

SOURCE = """
typedef unsigned char u8; typedef unsigned int u32; typedef struct { int counter; } atomic_t;
enum colour { RED = 3, GREEN, BLUE = -1 };
enum plain { ONE = 1 };
struct inner { void *p; short s; };
typedef const volatile u32 odd_t;
struct outer {
    char c; signed char sc; _Bool flag; long long big;
    u32 low:5, high:3; int sign:4;
    union { struct { struct inner deep; int x; }; long y[2]; };
    struct { int unnamed; } named;
    atomic_t count; enum colour colour; enum plain plain; u8 bytes[3][5]; struct inner many[2]; odd_t odd;
    void (*call)(void); struct { long a[20]; } large; long double ld;
};
struct outer *probe_type_outer;
atomic_t *probe_type_atomic_t;
enum { probe_const_BIG = 0xffffffff80000000UL } probe_use_1;
enum { probe_const_NEGATIVE = -22 } probe_use_2;
enum colour probe_enum_colour;
"""
EXPECTED = {
    "c": (0, "i8"),
    "sc": (1, "i8"),
    "flag": (2, "u8"),
    "big": (8, "i64"),
    "low": (16, "u32:5@0"),
    "high": (16, "u32:3@5"),
    "sign": (16, "i32:4@8"),
    "deep": (24, "%inner"),
    "x": (40, "i32"),
    "y": (24, "i64[2]"),
    "named": (48, "%outer.named"),
    "count": (52, "%atomic_t"),
    "colour": (56, "i32"),
    "plain": (60, "u32"),
    "bytes": (64, "u8[15]"),
    "many": (80, "%inner[2]"),
    "odd": (112, "u32"),
    "call": (120, "*"),
    "large": (128, "%outer.large"),
    "ld": (288, "#16"),
}


@pytest.fixture(
    params=[(name, version) for name in installed_compilers() for version in ("4", "5")],
    ids=lambda each: f"{short(each[0])}-{each[1]}",
)
def layouts(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Layouts]:
    compiler, version = request.param
    (tmp_path / "probe.c").write_text(SOURCE)
    command = [*compiler.split(), f"-gdwarf-{version}", "-c", "-o", "probe.o", "probe.c"]
    subprocess.run(command, cwd=tmp_path, check=True, env=environment())
    with open(tmp_path / "probe.o", "rb") as file:
        yield Layouts(ELFFile(file))


def test_members_have_offset_and_type(layouts: Layouts) -> None:
    assert layouts.structs["outer"]["members"] == EXPECTED
    assert layouts.structs["outer"]["size"] == 304


def test_nested_structures_come_along(layouts: Layouts) -> None:
    assert layouts.structs["inner"] == {"size": 16, "members": {"p": (0, "*"), "s": (8, "i16")}}
    assert layouts.structs["outer.named"]["members"] == {"unnamed": (0, "i32")}
    assert layouts.structs["atomic_t"]["members"] == {"counter": (0, "i32")}


def test_constants_keep_their_sign_and_width(layouts: Layouts) -> None:
    assert layouts.constants == {"BIG": 0xFFFFFFFF80000000, "NEGATIVE": -22, "RED": 3, "GREEN": 4, "BLUE": -1}
