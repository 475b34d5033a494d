"""Building with the kernel's own build system."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.toolchain.elf_facts import Facts
from toolchain import build
from toolchain.cache import BuildError
from toolchain.kbuild import build as kbuild
from toolchain.kbuild import find_headers

Write = Callable[[str, str], Path]
MODULE = '#include <linux/module.h>\nint {0}_value;\nMODULE_LICENSE("GPL");\n'


def test_a_source_becomes_a_module_of_its_name(own_cache: Path, headers: Path, write: Write) -> None:
    built = build(write("my-module.c", MODULE.format("my")), kernel=headers)
    assert built.name == "my-module.ko"
    assert own_cache in built.parents
    assert Facts(built).modinfo()["name"] == "my_module"


def test_nothing_is_left_beside_the_source(own_cache: Path, headers: Path, write: Write) -> None:
    source = write("clean.c", MODULE.format("clean"))
    build(source, kernel=headers)
    assert list(source.parent.iterdir()) == [source]


def test_the_second_build_is_the_first_ones_file(own_cache: Path, headers: Path, write: Write) -> None:
    source = write("twice.c", '#include "local.h"\n' + MODULE.format("twice"))
    local = write("local.h", "#define LOCAL 1\n")
    first = build(source, kernel=headers)
    before = first.stat().st_mtime_ns
    assert build(source, kernel=headers) == first
    assert first.stat().st_mtime_ns == before
    local.write_text("#define LOCAL 2\n")
    assert build(source, kernel=headers) != first


def test_an_error_is_the_compilers_own(own_cache: Path, headers: Path, write: Write) -> None:
    source = write("broken.c", MODULE.format("broken") + "int f(void) { return nonsense; }\n")
    with pytest.raises(BuildError) as caught:
        build(source, kernel=headers)
    assert "broken.c:4:22: error:" in caught.value.output
    assert "kmodrun-" not in caught.value.output  # no word of the scratch directory


def test_debug_information_names_the_source_where_it_lies(own_cache: Path, headers: Path, write: Write) -> None:
    source = write("located.c", MODULE.format("located") + "int f(int x) { WARN_ON(x); return 0; }\n")
    facts = Facts(build(source, kernel=headers))
    assert any(str(source).encode() in facts.sections[name] for name in facts.allocated)
    assert not any(b"kmodrun-" in data for data in facts.sections.values())


def test_a_directory_builds_all_that_its_makefile_names(own_cache: Path, headers: Path, write: Write) -> None:
    folder = write("one.c", MODULE.format("one")).parent
    write("part.c", MODULE.format("part"))
    write("Makefile", "obj-m := one.o two.o\ntwo-y := part.o\n")
    built = kbuild(folder, headers)
    assert [module.name for module in built] == ["one.ko", "two.ko"]
    assert "part_value" in Facts(built[1]).names
    with pytest.raises(BuildError, match=r"holds 2 modules: one\.ko, two\.ko"):
        build(folder, kernel=headers)


def test_output_gets_a_copy(own_cache: Path, headers: Path, write: Write, tmp_path: Path) -> None:
    source = write("copied.c", MODULE.format("copied"))
    target = tmp_path / "there" / "renamed.ko"
    assert build(source, kernel=headers, output=target) == target
    assert target.read_bytes() == build(source, kernel=headers).read_bytes()


def test_an_import_from_another_module_is_left_to_the_loader(own_cache: Path, headers: Path, write: Write) -> None:
    source = write("user.c", MODULE.format("user") + "int other(void);\nint f(void) { return other(); }\n")
    assert "other" in Facts(build(source, kernel=headers)).imports


def test_headers_that_are_none_are_refused(tmp_path: Path, write: Write) -> None:
    with pytest.raises(BuildError, match="no kernel headers"):
        build(write("x.c", ""), kernel=tmp_path)


def test_found_headers_are_those_of_the_supported_series(headers: Path) -> None:
    assert find_headers() == headers
    assert "6.1" in str(headers)
