import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from runtime.proc import PROC
from tests.cli.conftest import HERE, Done, need_headers
from toolchain import build

ROOT = HERE.parents[1]
SLAB = "modules/lecture/slab_test.c"
KEYS = {"kind", "message", "module", "address", "size", "at", "allocated", "freed", "failed"}


@pytest.fixture(scope="session")
def behave_ko() -> Path:
    need_headers()
    return build(HERE / "behave.c")


@pytest.fixture
def behave(kmodrun: Callable[..., Done], behave_ko: Path) -> Callable[..., Done]:
    """Run behave.ko: behave("leak", "--json")."""
    return lambda how, *options: kmodrun("run", behave_ko, "--param", f"how={how}", *options)


def line_of(text: str) -> str:
    """`behave.c:16`: where a text stands in the module."""
    lines = (HERE / "behave.c").read_text().splitlines()
    return f"behave.c:{next(number for number, line in enumerate(lines, 1) if text in line)}"


def expected(log: str) -> list[str]:
    return [line for line in (ROOT / log).read_text().splitlines() if not line.startswith("@@")]


def without_taint(out: str) -> list[str]:
    """The lines of the module. Before them the loader says what it thinks of a module that nobody has signed."""
    lines = out.splitlines()
    return lines[1 + next(i for i, line in enumerate(lines) if "verification failed" in line):]


@pytest.mark.parametrize("headers", [(), ("--bundled",)])
def test_the_lectures_module_logs_what_the_real_kernel_logs(kmodrun: Callable[..., Done], headers: tuple) -> None:
    if not headers:
        need_headers()
    done = kmodrun("run", "--raw", *headers, SLAB)
    assert done.returncode == 0
    assert without_taint(done.stdout) == expected("modules/lecture/slab_test.log")
    assert "findings: none" in done.stderr


def test_a_log_line_begins_with_the_time_as_in_dmesg(behave: Callable[..., Done]) -> None:
    lines = without_taint(behave("well").stdout)
    assert [line[:1] + line[13:] for line in lines] == ["[] behave: behave well", "[] behave: leaving"]
    times = [float(line[1:13]) for line in lines]
    assert times == sorted(times)


def test_the_same_seed_gives_the_same_run_byte_for_byte(behave: Callable[..., Done]) -> None:
    first, second = behave("memory", "--seed", "7"), behave("memory", "--seed", "7")
    assert (first.stdout, first.stderr) == (second.stdout, second.stderr)


def test_a_leak_is_status_1_and_names_the_line_of_the_source(behave: Callable[..., Done]) -> None:
    done = behave("leak")
    assert done.returncode == 1
    report = done.stderr.splitlines()
    start = next(i for i, line in enumerate(report) if ": leak: 100 bytes" in line)
    assert "allocated by take" in report[start + 1]
    stack = "\n".join(report[start + 1:])
    assert line_of("this line leaks") in stack
    assert "| void *p = kmalloc(size, GFP_KERNEL);\t/* this line leaks */" in stack
    assert "behave_init+0x" in stack


def test_what_init_itself_allocated_is_a_leak_though_its_code_is_gone(behave: Callable[..., Done]) -> None:
    done = behave("init-leak")
    assert done.returncode == 1
    assert line_of("lost = kmalloc(48") in done.stderr


def test_what_is_kept_is_no_leak(behave: Callable[..., Done]) -> None:
    done = behave("leak", "--keep")
    assert done.returncode == 0
    assert "leaving" not in done.stdout
    assert "1 (100 B)" in done.stderr


def test_an_init_that_fails_is_status_1_and_says_what_insmod_says(behave: Callable[..., Done]) -> None:
    done = behave("fail")
    assert done.returncode == 1
    assert "Cannot allocate memory (-12)" in done.stderr
    assert "leaving" not in done.stdout


def test_a_gap_is_status_3_and_names_the_call(behave: Callable[..., Done]) -> None:
    done = behave("gap")
    assert done.returncode == 3
    assert "kmodrun: unsupported: register_netdev() called from gap+0x" in done.stderr
    assert line_of("= register_netdev") in done.stderr


def test_an_oops_is_a_finding_and_kills_insmod(behave: Callable[..., Done]) -> None:
    done = behave("null")
    assert done.returncode == 1
    assert "BUG: kernel NULL pointer dereference, address: 0000000000000008" in done.stdout
    assert "null-deref: " in done.stderr
    assert line_of("*(volatile") in done.stderr


def test_a_panic_ends_the_run_with_status_1(behave: Callable[..., Done]) -> None:
    done = behave("panic")
    assert done.returncode == 1
    assert "Kernel panic - not syncing: told to" in done.stdout
    assert "leaving" not in done.stdout


def test_an_endless_loop_ends_as_a_hang(behave: Callable[..., Done]) -> None:
    done = behave("endless")
    assert done.returncode == 1
    assert "hang: " in done.stderr


def test_control_c_ends_an_endless_loop_with_status_130(behave_ko: Path) -> None:
    child = subprocess.Popen([sys.executable, "-m", "cli", "run", behave_ko, "--param", "how=endless"], cwd=ROOT,
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    time.sleep(1.5)
    os.kill(child.pid, signal.SIGINT)
    out, err = child.communicate(timeout=60)
    assert (child.returncode, err) == (130, b"kmodrun: interrupted\n")
    assert b"behave endless" in out


def test_a_closed_pipe_ends_a_run_quietly(behave_ko: Path) -> None:
    child = subprocess.Popen([sys.executable, "-m", "cli", "run", behave_ko], cwd=ROOT,
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert child.stdout and child.stderr
    child.stdout.close()
    assert (child.stderr.read(), child.wait(60)) == (b"", -signal.SIGPIPE)


@pytest.mark.parametrize("option", [("--memory", "1M"), ("--memory", "17M"), ("--memory", "65G"), ("--cpus", "0"),
                                    ("--cpus", "65"), ("--nodes", "5"), ("--cmdline", "nonsense=1"), ("--blocks", "0"),
                                    ("--param", "other.x=1")])
def test_a_machine_that_cannot_be_is_one_line_and_status_2(behave: Callable[..., Done], option: tuple) -> None:
    done = behave("well", *option)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("kmodrun: ")
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("name", ["text.ko", "directory", "absent.ko", "code.o"])
def test_what_is_no_module_is_one_line_and_status_2(kmodrun: Callable[..., Done], tmp_path: Path, name: str) -> None:
    (tmp_path / "text.ko").write_text("text\n")
    (tmp_path / "directory").mkdir()
    (tmp_path / "code.o").write_bytes(b"\x7fELF")
    done = kmodrun("run", tmp_path / name)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert done.stderr.startswith(f"kmodrun: {tmp_path / name}: ")


@pytest.fixture
def foreign_ko(behave_ko: Path, tmp_path: Path) -> Path:
    """A module for i386."""
    data = bytearray(behave_ko.read_bytes())
    data[4], data[18] = 1, 3  # ELFCLASS32, EM_386
    (tmp_path / "foreign.ko").write_bytes(data)
    return tmp_path / "foreign.ko"


def test_a_module_for_another_processor_is_refused_as_by_insmod(kmodrun: Callable[..., Done], foreign_ko: Path) -> None:
    done = kmodrun("run", foreign_ko)
    assert done.returncode == 1
    assert done.stderr.startswith("kmodrun: insmod foreign.ko: Exec format error (-8): built for another architecture")


def test_what_was_loaded_before_a_failure_is_unloaded_again(
        kmodrun: Callable[..., Done], behave_ko: Path, foreign_ko: Path) -> None:
    done = kmodrun("run", behave_ko, foreign_ko)
    assert done.returncode == 1
    assert "insmod foreign.ko: Exec format error" in done.stderr
    assert done.stdout.splitlines()[-1].endswith("behave: leaving")
    kept = kmodrun("run", "--keep", behave_ko, foreign_ko)
    assert "leaving" in kept.stdout, "what fails is not kept"


def test_few_blocks_make_any_module_a_hang_at_the_same_place(behave: Callable[..., Done]) -> None:
    first, second = behave("memory", "--blocks", "3"), behave("memory", "--blocks", "3")
    assert (first.returncode, first.stderr) == (1, second.stderr)
    assert "hang: the guest does not come to an end; it is at " in first.stderr
    assert behave("memory", "--blocks", "100000").returncode == 0


def test_an_endless_loop_ends_sooner_with_fewer_blocks(behave: Callable[..., Done]) -> None:
    start = time.monotonic()
    done = behave("endless", "--blocks", "1000")
    assert "hang: " in done.stderr
    assert time.monotonic() - start < 1


def test_the_memory_summary_says_what_was_allocated_and_that_nothing_is_left(behave: Callable[..., Done]) -> None:
    rows = {line.split()[0]: line.split()[1:] for line in behave("memory").stderr.splitlines() if line.startswith("  ")}
    assert rows["kmalloc"] == ["1", "(64", "B)", "1", "64", "B", "none"]
    assert rows["pages"] == ["1", "(16", "KiB)", "1", "16", "KiB", "none"]


def test_json_is_one_object_with_everything_in_it(behave: Callable[..., Done]) -> None:
    done = behave("leak", "--json")
    assert (done.returncode, done.stderr) == (1, "")
    told = json.loads(done.stdout)
    assert list(told) == ["modules", "log", "findings", "unsupported", "memory", "failures"]
    assert told["modules"] == [{"name": "behave", "init": 0, "exit": True}]
    assert set(told["log"][0]) == {"level", "time", "text"}
    assert [(f["kind"], f["size"], set(f)) for f in told["findings"]] == [("leak", 100, KEYS)]
    frame = told["findings"][0]["allocated"][0]
    assert set(frame) == {"symbol", "offset", "module", "file", "line"}
    assert (frame["symbol"].split(".")[0], frame["module"]) == ("take", "behave")
    assert told["memory"]["kmalloc"]["left"] == 1


def test_json_tells_a_gap_and_a_failed_init(behave: Callable[..., Done]) -> None:
    gap = json.loads(behave("gap", "--json").stdout)
    assert [text.split("(")[0] for text in gap["unsupported"]] == ["register_netdev"]
    failed = json.loads(behave("fail", "--json").stdout)
    assert failed["modules"] == [{"name": "behave", "init": -12, "exit": False}]


@pytest.mark.parametrize("options", [("--proc", "buddyinfo", "--proc", "slabinfo"), ("--proc", "buddyinfo,slabinfo")])
def test_proc_files_are_shown_before_and_after(behave: Callable[..., Done], options: tuple) -> None:
    out = behave("memory", *options).stdout
    heads = [line for line in out.splitlines() if line.startswith("==> ")]
    assert heads == [f"==> /proc/{name}, {moment} <==" for moment in ("before", "after")
                     for name in ("buddyinfo", "slabinfo")]
    assert "Node 0, zone    DMA32" in out
    assert "slabinfo - version: 2.1" in out


def test_help_names_every_proc_file(kmodrun: Callable[..., Done]) -> None:
    assert set(PROC) <= set(kmodrun("run", "--help").stdout.replace(",", " ").split())


def test_a_proc_file_that_is_not_there_is_status_3_and_the_others_are_named(behave: Callable[..., Done]) -> None:
    done = behave("well", "--proc", "nonsense")
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr.startswith("kmodrun: unsupported: /proc/nonsense")
    assert "buddyinfo" in done.stderr


def test_modules_leave_in_reverse_order(kmodrun: Callable[..., Done], behave_ko: Path, params_ko: Path) -> None:
    told = json.loads(kmodrun("run", "--json", params_ko, behave_ko, "--param", "behave.how=well").stdout)
    assert [row["name"] for row in told["modules"]] == ["params", "behave"]
    assert all(row["exit"] for row in told["modules"])


def test_a_clean_run_imports_neither_dwarf_reader_nor_disassembler(behave_ko: Path) -> None:
    code = f"from cli.main import main; import sys; status = main(['run', {str(behave_ko)!r}])\n"
    code += "print(status, {'elftools', 'capstone', 'tests', 'toolchain.kbuild'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT)
    assert done.stdout.splitlines()[-1] == "0 set()"
