"""kmodrun run NAME.kmodrun: what a scenario says, step by step."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import HERE, Done, need_headers
from toolchain import build


@pytest.fixture
def scenario(tmp_path: Path) -> Callable[..., Path]:
    """A scenario of faulty.ko: scenario("insmod faulty", "rmmod faulty")."""
    need_headers()
    build(HERE / "faulty.c", output=tmp_path / "faulty.ko")

    def write(*steps: str) -> Path:
        path = tmp_path / "faulty.kmodrun"
        path.write_text("\n".join(steps) + "\n")
        return path
    return write


STEPS = ("# comment", "insmod faulty how=fail -> EINVAL", "insmod faulty how=leak", "proc modules", "do true",
         "insmod faulty -> EEXIST", "rmmod faulty")


def test_errors_that_are_expected_are_none(kmodrun: Callable[..., Done], scenario: Callable[..., Path]) -> None:
    done = kmodrun("run", scenario(*STEPS))
    assert done.returncode == 0
    assert "findings: none" in done.stderr
    assert "==> /proc/modules <==\nfaulty " in done.stdout


@pytest.mark.parametrize(("step", "words"), [
    ("insmod faulty -> EINVAL", "insmod faulty: expected EINVAL"),
    ("insmod faulty how=fail", "insmod faulty: Invalid argument (-22)"),
    ("insmod faulty how=fail -> EBUSY", "insmod faulty: Invalid argument (-22)"),
])
def test_any_other_result_is_status_1(
        kmodrun: Callable[..., Done], scenario: Callable[..., Path], step: str, words: str) -> None:
    done = kmodrun("run", scenario(step, "rmmod faulty"))
    assert done.returncode == 1
    assert f"kmodrun: {words}" in done.stderr


def test_json_has_a_row_for_each_insmod(kmodrun: Callable[..., Done], scenario: Callable[..., Path]) -> None:
    told = json.loads(kmodrun("run", "--json", scenario(*STEPS)).stdout)
    assert [(row["init"], row["exit"]) for row in told["modules"]] == [(-22, False), (0, True), (-17, False)]


def test_the_replay_of_a_scenario_finds_what_its_sweep_found(
        kmodrun: Callable[..., Done], scenario: Callable[..., Path]) -> None:
    swept = json.loads(kmodrun("sweep", scenario(*STEPS), "--json", "-").stdout)
    row = swept["scenarios"][swept["findings"][0]["scenarios"][0]]
    words = row["replay"].split()
    assert [step["result"] for step in row["steps"]] == ["EINVAL", "ENOMEM", "ok", "ok"]
    done = kmodrun(*words[1:], "--json")
    told = json.loads(done.stdout)
    assert done.returncode == 1
    assert [finding["kind"] for finding in told["findings"]] == ["leak"]
    assert told["findings"][0]["allocated"] == swept["findings"][0]["allocated"]


def test_parameters_are_added_to_those_of_the_scenario(
        kmodrun: Callable[..., Done], scenario: Callable[..., Path]) -> None:
    done = kmodrun("run", scenario("insmod faulty how=well", "rmmod faulty"), "--param", "how=fail")
    assert done.returncode == 1


@pytest.mark.parametrize("more", [("--keep",), ("tests/cli/faulty.c",)])
def test_what_makes_no_sense_with_a_scenario_is_status_2(
        kmodrun: Callable[..., Done], scenario: Callable[..., Path], more: tuple) -> None:
    done = kmodrun("run", scenario(*STEPS), *more)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
