"""kmodrun run --coverage."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "tests/runtime/coverage/paths.c"


def kmodrun(*args: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "cli", *map(str, args)], cwd=ROOT, capture_output=True, text=True)


def lines(tracefile: Path) -> dict[int, int]:
    """Counts of the lines of paths.c."""
    record = next(r for r in tracefile.read_text().split("end_of_record\n") if f"SF:{SOURCE}\n" in r)
    rows = (row[3:].split(",") for row in record.splitlines() if row.startswith("DA:"))
    return {int(line): int(count) for line, count in rows}


@pytest.mark.parametrize(("mode", "status"), [(0, 0), (4, 1), (5, 1)])
def test_a_run_writes_what_ran_whatever_came_of_it(tmp_path: Path, mode: int, status: int) -> None:
    ran = kmodrun("run", SOURCE, "--bundled", "--param", f"mode={mode}", "--coverage", tmp_path / "x.info")
    assert ran.returncode == status, ran.stderr
    counts = lines(tmp_path / "x.info")
    fault = next(n for n, text in enumerate(SOURCE.read_text().splitlines(), 1) if "WRITE_ONCE(*where, 2)" in text)
    assert counts[fault] == (mode == 4)


def test_the_output_is_the_same_as_without(tmp_path: Path) -> None:
    plain, with_it = (kmodrun("run", SOURCE, "--bundled", *more) for more in ((), ("--coverage", tmp_path / "x.info")))
    assert (plain.stdout, plain.stderr, plain.returncode) == (with_it.stdout, with_it.stderr, with_it.returncode)


def test_a_module_without_line_information_is_told_of(tmp_path: Path) -> None:
    built, bare = tmp_path / "paths.ko", tmp_path / "bare.ko"
    assert kmodrun("build", SOURCE, "--bundled", "-o", built).returncode == 0
    subprocess.run(["strip", "--strip-debug", built, "-o", bare], check=True)
    ran = kmodrun("run", bare, "--keep", "--coverage", tmp_path / "x.info")
    assert "no module that ran has line information" in ran.stderr
    assert (tmp_path / "x.info").read_text() == ""


def test_a_directory_that_does_not_exist_is_told_of_before_the_run(tmp_path: Path) -> None:
    ran = kmodrun("run", SOURCE, "--bundled", "--coverage", tmp_path / "no" / "x.info")
    assert ran.returncode == 2 and not ran.stdout and "there is no such directory" in ran.stderr
