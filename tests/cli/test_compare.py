"""kmodrun compare, with the real kernel: every module of modules/ has to do here what it does there."""

import json
import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from runtime.errors import Unsupported
from tests.cli.conftest import HERE, Done, need_headers
from toolchain import build
from toolchain.real_kernel import find

# Of modules/bugs only one: each that crashes needs a boot of its own. `make compare` runs the others, too.
MODULES = [path for path in sorted((HERE.parents[1] / "modules").glob("*/*.c"))
           if path.parent.name != "bugs" or path.stem.startswith("seven_sites")]  # fmt: skip
FLAGS = "modules/memory/page_flags.c"
Command = Callable[..., Done[str]]


@pytest.fixture
def compare(kmodrun: Command) -> Command:
    """Run `kmodrun compare`. Skips where there is no real kernel."""
    need_headers()
    try:
        find()
    except Unsupported as gap:
        pytest.skip(str(gap))
    return lambda *args, **more: kmodrun("compare", *args, **more)


def test_every_module_does_here_what_it_does_in_the_real_kernel(compare: Command) -> None:
    done = compare(*MODULES, timeout=600)
    lines = done.stdout.splitlines()
    assert len(MODULES) > 100
    assert lines[-1].startswith(f"{len(MODULES)} of {len(MODULES)} modules equal"), done.stdout
    assert done.returncode == 0
    rows = [line for line in lines if re.search(r" equal +[\d.]+ ms +[\d.]+ ms", line)]
    assert len(rows) == len(MODULES)


def test_two_boots_of_the_real_kernel_are_equal(compare: Command) -> None:
    done = compare("--self-check", "2", "modules/memory/slab_reports.c", "modules/probes/warnings.c", FLAGS)
    assert done.stdout == "3 modules, 2 runs in the real kernel, 6 boots: all equal\n"
    assert done.returncode == 0


def test_one_module_is_shown_side_by_side(compare: Command) -> None:
    done = compare("modules/lecture/slab_test.c")
    assert done.returncode == 0
    assert done.stdout.splitlines()[-1] == "equal"
    assert "@@INSMOD slab_test rc=0" + " " * 10 in done.stdout
    assert done.stdout.count("Exiting module.") == 2


def test_what_differs_is_marked_and_the_exit_status_says_so(compare: Command) -> None:
    done = compare("tests/cli/differs.c", "--param", "number=7")
    assert done.returncode == 1
    assert re.search(r"random \d+ +\| <6> random \d+$", done.stdout, re.M)
    assert re.search(r"the same 7 {4,}<6> the same 7$", done.stdout, re.M)
    assert done.stdout.splitlines()[-1] == "different"


def test_in_a_table_the_steps_that_differ_are_shown(compare: Command) -> None:
    done = compare("tests/cli/differs.c", FLAGS)
    assert done.returncode == 1
    assert "@@INSMOD differs rc=0" in done.stdout
    assert "@@INSMOD page_flags" not in done.stdout
    assert "1 of 2 modules equal" in done.stdout


def test_json_holds_both_sides_of_each_step(compare: Command) -> None:
    done = compare("--json", "--proc", "modules", FLAGS)
    assert done.returncode == 0
    result = json.loads(done.stdout)
    [scenario] = result["scenarios"]
    assert scenario["equal"] is True
    assert [step["step"] for step in scenario["steps"]] == ["INSMOD page_flags", "PROC modules", "RMMOD page_flags"]
    for side in ("real", "kmodrun"):
        assert scenario["steps"][1][side]["output"][0].startswith("page_flags ")
        assert scenario["steps"][0][side]["nanoseconds"] > 0


def test_a_command_of_user_space_is_run_there_and_unsupported_here(compare: Command) -> None:
    done = compare("--do", "echo hello", FLAGS)
    assert done.returncode == 3
    assert "@@DO echo hello rc=0" in done.stdout
    assert "hello" in done.stdout
    assert "unsupported: 'do echo hello'" in done.stderr


def test_a_command_that_hangs_is_shown_as_such(compare: Command) -> None:
    done = compare("--do", "echo before; sleep 1000", "--timeout", "3", FLAGS)
    assert done.returncode == 3
    assert "@@DO echo before; sleep 1000 hang" in done.stdout
    assert "page_flags: the guest died (hang); once more, alone" in done.stderr


def test_write_keeps_the_real_kernels_log(compare: Command, tmp_path: Path) -> None:
    source = tmp_path / "half-dashed_name.c"
    source.write_text((HERE / "differs.c").read_text().replace("get_random_u64()", "7ull").replace("differs", "half"))
    assert compare("--write", source).returncode == 0
    assert source.with_suffix(".log").read_text() == (
        "@@INSMOD half_dashed_name rc=0\n<6> the same 1\n<6> random 7\n@@RMMOD half_dashed_name rc=0\n")


def test_a_scenario_whose_result_is_not_the_expected_one_differs(compare: Command, tmp_path: Path) -> None:
    (tmp_path / "differs.c").write_text((HERE / "differs.c").read_text().replace("get_random_u64()", "7ull"))
    scenario = tmp_path / "differs.kmodrun"
    scenario.write_text("insmod differs number=x -> EBUSY\n")
    done = compare(scenario)
    assert done.returncode == 1
    assert "expected EBUSY, the real kernel gave rc=1 errno=EINVAL" in done.stdout


def test_without_a_real_kernel_the_script_that_gets_it_is_named(kmodrun: Command) -> None:
    need_headers()
    done = kmodrun("compare", "--kernel-image", HERE, FLAGS)
    assert done.returncode == 3
    assert re.fullmatch(r"kmodrun: unsupported: no Linux 6\.1 kernel image .*: tools/install-debian\.sh unpacks one\n",
                        done.stderr)
    done = kmodrun("compare", build(HERE.parents[1] / FLAGS), env=os.environ | {"PATH": ""})
    assert done.returncode == 3
    assert "tools/install-debian.sh" in done.stderr


@pytest.mark.parametrize("operand", ["no-such.c", "modules", "README.md"])
def test_what_is_no_module_is_wrong_usage(kmodrun: Command, operand: str) -> None:
    done = kmodrun("compare", operand)
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
