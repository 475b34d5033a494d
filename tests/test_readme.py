"""What the README shows is what happens."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from cli.main import CLEAN, FAULTY, INTERRUPTED, OUR_BUG, UNSUPPORTED, USAGE
from cli.main import COMMANDS as COMMANDS_OF_CLI
from toolchain import build
from toolchain.kbuild import find_headers

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text()
# `make run` builds this module.
COMMANDS = {"make run": "kmodrun run modules/lecture/slab_test.c"}


def sessions() -> list[tuple[str, str]]:
    """(command, what it prints) of each `$ command` in the README."""
    found = []
    for block in re.findall(r"^```\n(\$ .*?)^```", README, re.M | re.S):
        for part in block.removeprefix("$ ").split("\n$ "):
            command, _, output = part.partition("\n")
            found.append((command, output.rstrip("\n")))
    return found


def without_what_is_installed(text: str) -> str:
    """Without what the compiler decides, which update the real kernel is, and how far apart two columns are, which
    depends on the terminal.
    """
    text = re.sub(r"^Linux 6\.1\.0-\d+-amd64(?= +kmodrun$)", "Linux 6.1.0-N-amd64", text, flags=re.M)
    return re.sub(r" {3,}", "   ", re.sub(r"\.constprop\.0|\+0x[0-9a-f]+", "", text))


def test_the_sessions_are_real() -> None:
    if find_headers() is None:
        pytest.skip("no kernel headers: apt install linux-headers-amd64")
    shown, status = sessions(), 0
    assert len(shown) >= 3
    for command, output in shown:
        if command == "echo $?":
            assert output == str(status)
            continue
        words = shlex.split(COMMANDS.get(command, command))
        assert words[0].endswith("kmodrun"), command
        done = subprocess.run([sys.executable, "-m", "cli", *words[1:]], cwd=ROOT, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True)
        status = done.returncode
        if status == 3 and "compare" in words:
            pytest.skip(done.stdout.strip())
        assert without_what_is_installed(done.stdout.strip()) == without_what_is_installed(output)


def test_the_module_of_make_run_is_the_one_of_the_session() -> None:
    assert f"MODULE  ?= {COMMANDS['make run'].split()[-1]}\n" in (ROOT / "Makefile").read_text()


def test_the_example_in_python_runs(tmp_path: Path) -> None:
    if find_headers() is None:
        pytest.skip("no kernel headers: apt install linux-headers-amd64")
    build(ROOT / "modules/lecture/slab_test.c", output=tmp_path / "slab_test.ko")
    code = re.search(r"^```python\n(.*?)^```", README, re.M | re.S)
    assert code
    done = subprocess.run([sys.executable, "-c", code[1]], cwd=tmp_path, env={"PYTHONPATH": str(ROOT)},
                          capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    assert "[SLAB_TEST] Entering module." in done.stdout


@pytest.mark.parametrize(("command", "heading"), [("run", "## Commands"), ("sweep", "## Fault sweeps"),
                                                  ("compare", "## The real kernel as judge")])
def test_every_option_that_it_names_exists(command: str, heading: str) -> None:
    done = subprocess.run([sys.executable, "-m", "cli", command, "--help"], cwd=ROOT, capture_output=True, text=True)
    named = set(re.findall(r"`(--[a-z-]+)", README[README.index(heading) :].partition("\n## ")[0]))
    assert named >= {"--param", "--json"}
    assert named <= set(re.findall(r"--[a-z-]+", done.stdout))


def test_it_names_every_command_and_every_exit_status() -> None:
    assert set(COMMANDS_OF_CLI) == set(re.findall(r"^kmodrun (\w+) ", README, re.M))
    assert {f"{status}" for status in (CLEAN, FAULTY, USAGE, UNSUPPORTED, OUR_BUG, INTERRUPTED)} == set(
        re.findall(r"^\| (\d+) \|", README, re.M))


def test_its_lines_are_short() -> None:
    assert not [line for line in README.splitlines() if len(line) > 120 and not line.startswith("[ ")]
