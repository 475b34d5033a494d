import json
from collections.abc import Callable
from pathlib import Path

import pytest

DEFAULTS = {"n": "-7", "on": "Y", "inverted": "Y", "word": "hello", "none": "(null)", "big": str(1 << 40),
            "text": "abc", "list": "1,2,3", "renamed": "0", "custom": None}


@pytest.fixture
def told(kmodrun: Callable, params_ko: Path) -> dict:
    done = kmodrun("info", "--json", params_ko)
    assert (done.returncode, done.stderr) == (0, "")
    return json.loads(done.stdout)


def test_the_default_of_every_kind_of_parameter_is_read_from_the_file(told: dict) -> None:
    assert {p["name"]: p["default"] for p in told["parameters"]} == DEFAULTS


def test_types_and_descriptions_come_from_modinfo(told: dict) -> None:
    found = {p["name"]: (p["type"], p["description"]) for p in told["parameters"]}
    assert found["n"] == ("int", "a number")
    assert found["word"] == ("charp", "a word: any")
    assert found["list"] == ("array of int", "")
    assert found["custom"] == ("", "")


def test_modinfo_exports_and_sections_are_told(told: dict) -> None:
    assert (told["name"], told["license"], told["version"]) == ("params", "GPL", "1.2")
    assert sorted(told["author"].split(", ")) == ["A. Person", "B. Person"]
    assert told["vermagic"].startswith("6.1.")
    assert told["exports"] == ["exported_thing"]
    flags = {section["name"]: section["flags"] for section in told["sections"]}
    assert (flags[".text"], flags[".rodata"], flags[".data"]) == ("rx", "r", "rw")


def test_the_text_shows_parameters_one_a_line(kmodrun: Callable, params_ko: Path) -> None:
    lines = kmodrun("info", params_ko).stdout.splitlines()
    assert "  n (int) = -7: a number" in lines
    assert "  custom (callback)" in lines


@pytest.mark.parametrize("cut", [0, 10, 63, 64, 4000])
def test_a_file_that_is_cut_short_is_one_line_and_status_2(kmodrun: Callable, params_ko: Path, tmp_path: Path,
                                                           cut: int) -> None:
    damaged = tmp_path / "damaged.ko"
    damaged.write_bytes(params_ko.read_bytes()[:cut])
    done = kmodrun("info", damaged)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"kmodrun: {damaged}: ")
    assert done.stderr.count("\n") == 1
