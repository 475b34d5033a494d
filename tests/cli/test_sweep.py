"""kmodrun sweep as its user sees it: what it prints and writes, how it ends."""

import json
import os
import pty
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.cli.conftest import HERE, Done, need_headers
from toolchain import build

ROOT = HERE.parents[1]
FAULTY = "tests/cli/faulty.c"
REPORTS = ("--json", "--junit", "--sarif", "--html", "--coverage")


@pytest.fixture(scope="session")
def faulty_ko() -> Path:
    need_headers()
    return build(HERE / "faulty.c")


@pytest.fixture
def sweep(kmodrun: Callable[..., Done], faulty_ko: Path) -> Callable[..., Done]:
    """Sweep faulty.c: sweep("leak", "--json", "-")."""
    return lambda how, *options: kmodrun("sweep", FAULTY, "--param", f"how={how}", *options)


def told(done: Done) -> dict:
    """The JSON that a sweep printed."""
    result: dict = json.loads(done.stdout)
    return result


def line_of(text: str) -> int:
    """Where a text stands in the module."""
    return (HERE / "faulty.c").read_text().split(text)[0].count("\n") + 1


def test_a_module_that_handles_each_failure_is_clean(sweep: Callable[..., Done]) -> None:
    done = sweep("well")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.count("handled: ENOMEM") == 2
    assert "2 sites, 3 scenarios: 1 clean, 2 handled" in done.stdout


def test_a_leak_is_told_with_both_places_and_the_command_that_shows_it_again(
        sweep: Callable[..., Done], kmodrun: Callable[..., Done]) -> None:
    done = sweep("leak")
    took, failed = line_of("first = kmalloc"), line_of("second = vmalloc")
    assert done.returncode == 1
    head = f"faulty.c:{took}: leak: 100 bytes from kmalloc are lost when vmalloc at faulty.c:{failed} fails"
    assert done.stdout.splitlines()[0] == head
    [replay] = [line.partition("kmodrun ")[2] for line in done.stdout.splitlines() if "replay with" in line]
    again = kmodrun(*replay.split())
    assert again.returncode == 1
    assert "leak: 100 bytes" in again.stderr


def test_a_failure_that_nobody_checks_is_a_finding_that_names_what_failed(sweep: Callable[..., Done]) -> None:
    done = sweep("oops")
    assert done.returncode == 1
    assert done.stdout.startswith(f"faulty.c:{line_of('*(volatile')}: null-deref: ")
    assert f"vmalloc() at faulty.c:{line_of('second = vmalloc')} had returned NULL" in done.stdout
    assert "leak" not in done.stdout, "what has oopsed has not lost anything"


def test_an_endless_loop_after_a_failure_is_a_hang(sweep: Callable[..., Done]) -> None:
    done = sweep("hang", "--blocks", "100000", "--no-uninit")
    assert done.returncode == 1
    assert ": hang: " in done.stdout


def test_a_gap_that_a_failure_leads_to_is_status_3_and_named(sweep: Callable[..., Done]) -> None:
    done = sweep("gap")
    assert done.returncode == 3
    assert "register_netdev() called from gap+0x" in done.stdout
    assert "1 unsupported" in done.stdout


def test_a_failure_without_consequence_is_ignored_and_no_finding(sweep: Callable[..., Done]) -> None:
    done = sweep("ignore")
    assert done.returncode == 0
    assert "1 clean, 1 handled, 1 ignored" in done.stdout


def test_an_init_that_fails_by_itself_is_status_1_and_told(sweep: Callable[..., Done]) -> None:
    done = sweep("fail")
    assert (done.returncode, done.stderr) == (1, "kmodrun: insmod faulty: EINVAL, although nothing was made to fail\n")
    assert "0 sites, 1 scenario" in done.stdout


@pytest.mark.parametrize("option", ["--pairs", "--depth=2"])
def test_two_failures_in_one_run(sweep: Callable[..., Done], option: str) -> None:
    assert told(sweep("ignore", "--json", "-"))["options"]["depth"] == 1
    result = told(sweep("ignore", "--param", "many=1", option, "--json", "-"))
    assert [row["nth"] for row in result["scenarios"]] == [[], [1], [1, 2], [1, 3], [2], [3]]


def test_all_lets_each_call_fail_that_comes_from_the_same_place(sweep: Callable[..., Done]) -> None:
    few, all_ = sweep("well", "--param", "many=9"), sweep("well", "--param", "many=9", "--all")
    assert "3 sites, 4 scenarios" in few.stdout
    assert "3 sites, 12 scenarios" in all_.stdout


@pytest.mark.parametrize("options", [("--jobs", "1"), ("--jobs", "4"), ("--fork",), ("--jobs", "2", "--fork"),
                                     ("--progress",)], ids=" ".join)
@pytest.mark.parametrize("more", [("leak",), ("oops", "--pairs"), ("leak", "--param", "many=5", "--all")], ids=" ".join)
def test_the_result_is_the_same_byte_for_byte_however_it_is_made(
        sweep: Callable[..., Done], more: tuple, options: tuple) -> None:
    first, second = sweep(*more, "--json", "-"), sweep(*more, *options, "--json", "-")
    assert first.stdout == second.stdout
    assert len(told(first)["scenarios"]) >= 3


def test_json_can_be_piped_and_is_all_that_is_on_stdout(faulty_ko: Path) -> None:
    reader = "import json, sys; print(len(json.load(sys.stdin)['scenarios']))"
    done = subprocess.run(f"{sys.executable} -m cli sweep {faulty_ko} --json - | {sys.executable} -c \"{reader}\"",
                          shell=True, cwd=ROOT, capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("3\n", "")


def test_each_report_is_a_file_of_its_own(sweep: Callable[..., Done], tmp_path: Path) -> None:
    files = {option: tmp_path / f"report{option}" for option in REPORTS}
    done = sweep("leak", *(word for pair in files.items() for word in map(str, pair)))
    assert (done.returncode, done.stderr) == (1, "")
    assert "leak: 100 bytes" in done.stdout
    assert [row["kind"] for row in json.loads(files["--json"].read_text())["findings"]] == ["leak"]
    assert ElementTree.parse(files["--junit"]).getroot().get("failures") == "1"
    assert json.loads(files["--sarif"].read_text())["runs"][0]["results"][0]["ruleId"] == "leak"
    assert "leak" in files["--html"].read_text()
    assert f"DA:{line_of('second = vmalloc')},2" in files["--coverage"].read_text()


def test_each_module_alone_has_its_own_heading_and_sweep(
        kmodrun: Callable[..., Done], faulty_ko: Path, params_ko: Path, tmp_path: Path) -> None:
    one, two = (kmodrun("sweep", "--each", faulty_ko, params_ko, "--jobs", jobs, "--json", tmp_path / jobs,
                        "--junit", tmp_path / "junit") for jobs in "12")
    assert (one.returncode, one.stdout) == (0, two.stdout)
    assert [line for line in one.stdout.splitlines() if "==>" in line] == ["==> faulty <==", "==> params <=="]
    assert (tmp_path / "1").read_bytes() == (tmp_path / "2").read_bytes()
    sweeps = json.loads((tmp_path / "1").read_text())["sweeps"]
    assert [row["modules"][0]["name"] for row in sweeps] == ["faulty", "params"]
    assert [suite.get("name") for suite in ElementTree.parse(tmp_path / "junit").getroot()] == ["faulty", "params"]


def test_several_modules_are_loaded_in_order_and_removed_in_reverse(
        kmodrun: Callable[..., Done], faulty_ko: Path, params_ko: Path) -> None:
    result = told(kmodrun("sweep", params_ko, faulty_ko, "--param", "faulty.how=leak", "--json", "-"))
    assert result["steps"] == ["insmod params", "insmod faulty how=leak", "rmmod faulty", "rmmod params"]
    assert "--param faulty.how=leak --check" in result["scenarios"][0]["replay"]


@pytest.fixture
def scenario(faulty_ko: Path, tmp_path: Path) -> Path:
    """A scenario beside the module: it fails, as is expected, then it is loaded twice."""
    (tmp_path / "faulty.ko").write_bytes(faulty_ko.read_bytes())
    steps = ["insmod faulty how=fail -> EINVAL", "insmod faulty how=well", "proc slabinfo", "do true",
             "insmod faulty -> EEXIST", "rmmod faulty"]
    (tmp_path / "faulty.kmodrun").write_text("\n".join(steps) + "\n")
    return tmp_path / "faulty.kmodrun"


@pytest.mark.parametrize("suffix", [".kmodrun", ".ko"])
def test_a_scenario_is_swept_step_by_step(kmodrun: Callable[..., Done], scenario: Path, suffix: str) -> None:
    done = kmodrun("sweep", scenario.with_suffix(suffix), "--json", "-")
    assert (done.returncode, done.stderr) == (0, "")
    result = told(done)
    assert result["steps"] == ["insmod faulty how=fail", "insmod faulty how=well", "insmod faulty", "rmmod faulty"]
    assert [step["result"] for step in result["scenarios"][0]["steps"]] == ["EINVAL", "ok", "EEXIST", "ok"]
    assert [row["verdict"] for row in result["scenarios"]] == ["clean", "handled", "handled"]


def test_a_result_that_a_scenario_does_not_expect_is_status_1(kmodrun: Callable[..., Done], scenario: Path) -> None:
    scenario.write_text("insmod faulty -> EINVAL\nrmmod faulty\n")
    done = kmodrun("sweep", scenario)
    assert (done.returncode, done.stderr) == (1, "kmodrun: insmod faulty: ok, although nothing was made to fail\n")


@pytest.mark.parametrize("words", [
    ("absent.ko",), ("directory",), ("text.ko",), ("empty.ko",), ("code.o",), ("broken.c",), ("wrong.kmodrun",), (),
    ("good.ko", "--depth", "0"), ("good.ko", "--jobs", "0"), ("good.ko", "--param", "other.x=1"),
    ("good.ko", "good.ko"), ("good.ko", "--memory", "1M"), ("good.ko", "--json", "-", "--junit", "-"),
    ("good.ko", "--json", "absent/x"), ("good.ko", "--json", "directory"), ("good.ko", "--jobs", "2", "--cluster", "x"),
    ("good.ko", "--cluster", "tcp://127.0.0.1:1"), ("good.ko", "--blocks", "0"), ("good.ko", "--nonsense"),
    ("good.ko", "--each", "--html", "-"), ("good.kmodrun", "good.ko"),
], ids=" ".join)  # fmt: skip
def test_wrong_input_is_one_line_and_status_2(faulty_ko: Path, tmp_path: Path, words: tuple) -> None:
    (tmp_path / "directory").mkdir()
    for name, data in {"text.ko": b"text\n", "empty.ko": b"", "code.o": b"\x7fELF", "good.ko": faulty_ko.read_bytes(),
                       "wrong.kmodrun": b"nonsense\n", "good.kmodrun": b"insmod good\nrmmod good\n"}.items():
        (tmp_path / name).write_bytes(data)
    (tmp_path / "broken.c").write_text("#error this does not compile\n")
    done = subprocess.run([sys.executable, "-m", "cli", "sweep", *words], cwd=tmp_path, capture_output=True, text=True,
                          env={**os.environ, "PYTHONPATH": str(ROOT)})
    assert (done.returncode, done.stdout) == (2, "")
    lines = [line for line in done.stderr.splitlines() if line.startswith("kmodrun: ")]
    assert len(lines) == 1
    assert "Traceback" not in done.stderr
    assert words[:1] == ("broken.c",) or done.stderr.count("\n") == 1


def test_a_module_that_linux_refuses_is_status_1_with_the_error(
        kmodrun: Callable[..., Done], faulty_ko: Path, tmp_path: Path) -> None:
    (tmp_path / "cut.ko").write_bytes(faulty_ko.read_bytes()[:3000])
    done = kmodrun("sweep", tmp_path / "cut.ko")
    assert (done.returncode, done.stderr) == (1, "kmodrun: insmod cut: ENOEXEC, although nothing was made to fail\n")


def interrupted(faulty_ko: Path, *options: str) -> tuple[int, str, str]:
    """Press Ctrl-C in a long sweep, when some scenarios are done: it goes to all processes of the terminal's job."""
    child = subprocess.Popen([sys.executable, "-m", "cli", "sweep", faulty_ko, "--param", "many=20000", "--all",
                              "--progress", *options], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                             start_new_session=True)
    assert child.stderr
    seen = b""
    while b" 2/2" not in seen.replace(b"\r", b" ") and b"9/" not in seen:
        seen += child.stderr.read1(1000)
    time.sleep(0.2)
    os.killpg(child.pid, signal.SIGINT)
    out, err = child.communicate(timeout=60)
    return child.returncode, out.decode(), err.decode()


@pytest.mark.parametrize("options", [(), ("--jobs", "2"), ("--fork",)], ids=str)
def test_control_c_prints_what_is_known_and_ends_with_status_130(faulty_ko: Path, options: tuple) -> None:
    status, out, err = interrupted(faulty_ko, *options)
    assert status == 130
    assert "3 sites, " in out
    assert "ignored" in out
    assert err.splitlines()[-1] == "kmodrun: interrupted"
    assert "Traceback" not in err


def pieces(terminal: int) -> Iterator[bytes]:
    """What was written to a terminal that nobody has open any more."""
    with suppress(OSError):
        while piece := os.read(terminal, 4096):
            yield piece


def test_progress_is_shown_on_a_terminal_only(faulty_ko: Path) -> None:
    ours, theirs = pty.openpty()
    done = subprocess.run([sys.executable, "-m", "cli", "sweep", faulty_ko], cwd=ROOT, stdout=subprocess.PIPE,
                          stderr=theirs, env={**os.environ, "TERM": "xterm"})
    os.close(theirs)
    shown = b"".join(pieces(ours)).decode()
    assert done.returncode == 0
    assert "3/3" in shown
    assert "scenarios/s" in shown
    assert "findings: 0" in shown
    assert b"scenarios/s" not in done.stdout


def test_without_progress_its_library_is_not_imported(faulty_ko: Path) -> None:
    code = f"from cli.main import main; import sys; status = main(['sweep', {str(faulty_ko)!r}])\n"
    code += "print(status, {'tqdm', 'distributed', 'multiprocessing'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT)
    assert done.stdout.splitlines()[-1] == "0 set()"
