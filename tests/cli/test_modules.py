from argparse import Namespace
from pathlib import Path

import pytest

from cli.modules import as_ko, parameters
from runtime.errors import Usage

NO_BUILD = Namespace(kernel=None, bundled=False)


def test_a_parameter_without_a_module_belongs_to_the_only_one() -> None:
    assert parameters(["n=5", "name=a=b"], ["slab_test"]) == {"slab_test": {"n": "5", "name": "a=b"}}


def test_a_parameter_goes_to_the_module_that_it_names() -> None:
    assert parameters(["a.n=5", "b.n=6"], ["a", "b"]) == {"a": {"n": "5"}, "b": {"n": "6"}}


def test_a_dash_in_a_module_name_is_an_underscore() -> None:
    assert parameters(["my-mod.n=1"], ["my-mod"]) == {"my_mod": {"n": "1"}}


def test_a_name_alone_is_a_switch_turned_on() -> None:
    assert parameters(["debug"], ["m"]) == {"m": {"debug": "1"}}


@pytest.mark.parametrize(("option", "says"), [
    ("n=5", "of which module"), ("c.n=5", "no module c on the command line"), ("a.=5", "a name is missing")])
def test_a_parameter_that_fits_no_module_is_refused_in_one_line(option: str, says: str) -> None:
    with pytest.raises(Usage, match=says) as caught:
        parameters([option], ["a", "b"])
    assert "\n" not in str(caught.value)


def test_a_parameter_in_the_place_of_a_module_is_explained() -> None:
    with pytest.raises(Usage, match="--param debug=1"):
        as_ko("debug=1", NO_BUILD)


def test_a_missing_file_and_a_directory_are_no_modules(tmp_path: Path) -> None:
    with pytest.raises(Usage, match="no such file"):
        as_ko(str(tmp_path / "absent.ko"), NO_BUILD)
    with pytest.raises(Usage, match="is a directory"):
        as_ko(str(tmp_path), NO_BUILD)


def test_a_ko_is_taken_as_it_is(tmp_path: Path) -> None:
    file = tmp_path / "m.ko"
    file.write_bytes(b"\x7fELF, and whatever follows")
    assert as_ko(str(file), NO_BUILD) == file


@pytest.mark.parametrize("content", [b"", b"\x7fE", b"#include <linux/module.h>\n"])
def test_what_is_no_elf_file_is_no_module(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "m.ko"
    file.write_bytes(content)
    with pytest.raises(Usage, match="not an ELF file"):
        as_ko(str(file), NO_BUILD)
