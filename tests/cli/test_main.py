import subprocess
import sys
from pathlib import Path

import pytest

import cli.main
from cli.main import COMMANDS, main
from runtime.errors import Unsupported, Usage


def run(*args: str, code: str = "import sys; from cli.main import main; sys.exit(main())") -> tuple[int, str, str]:
    done = subprocess.run([sys.executable, "-c", code, *args], capture_output=True, text=True, timeout=60)
    return done.returncode, done.stdout, done.stderr


@pytest.fixture
def failing(monkeypatch: pytest.MonkeyPatch):
    """Make the next command raise what is given."""
    monkeypatch.delenv("KMODRUN_DEBUG", raising=False)

    def fail(problem: BaseException) -> None:
        def dispatch(args: list[str]) -> int:
            raise problem
        monkeypatch.setattr(cli.main, "dispatch", dispatch)
    return fail


def test_help_lists_every_command(capsys: pytest.CaptureFixture) -> None:
    assert main(["--help"]) == 0
    out = capsys.readouterr().out
    assert all(f"  {name}" in out for name in COMMANDS)


@pytest.mark.parametrize("line", ["", "frobnicate", "run", "run --memory much x.ko", "run --wat x.ko", "run absent.ko",
                                  "run --cpus -1 x.ko", "run --kernel d --bundled x.c", "build absent.c", "build x.ko",
                                  "info absent.ko", "symbols absent.ko"])
def test_bad_input_is_one_line_and_status_2(line: str) -> None:
    status, out, err = run(*line.split())
    assert (status, out) == (2, "")
    assert err.startswith("kmodrun: ")
    assert err.count("\n") == 1


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_explains_itself(command: str) -> None:
    status, out, err = run(command, "--help")
    assert (status, err) == (0, "")
    assert out.startswith(f"usage: kmodrun {command}")


def test_a_gap_is_status_3(failing, capsys: pytest.CaptureFixture) -> None:
    failing(Unsupported("foo() called from bar+0x12"))
    assert main([]) == 3
    assert capsys.readouterr().err == "kmodrun: unsupported: foo() called from bar+0x12\n"


def test_usage_is_status_2(failing, capsys: pytest.CaptureFixture) -> None:
    failing(Usage("no"))
    assert (main([]), capsys.readouterr().err) == (2, "kmodrun: no\n")


def test_a_bug_of_ours_is_named_as_ours_in_one_line(failing, capsys: pytest.CaptureFixture) -> None:
    failing(ZeroDivisionError("two\nlines"))
    assert main([]) == 70
    err = capsys.readouterr().err
    assert err.startswith("kmodrun: a bug in kmodrun: ZeroDivisionError: two lines")
    assert "KMODRUN_DEBUG=1" in err
    assert err.count("\n") == 1


def test_debug_shows_the_traceback(failing, monkeypatch: pytest.MonkeyPatch) -> None:
    failing(ZeroDivisionError("x"))
    monkeypatch.setenv("KMODRUN_DEBUG", "1")
    with pytest.raises(ZeroDivisionError):
        main([])


def test_control_c_is_status_130(failing, capsys: pytest.CaptureFixture) -> None:
    failing(KeyboardInterrupt())
    assert (main([]), capsys.readouterr().err) == (130, "kmodrun: interrupted\n")


def test_a_closed_pipe_ends_it_quietly() -> None:
    shell = subprocess.run(["bash", "-c", f"{sys.executable} -c 'from cli.main import *; restore_sigpipe(); "
                            "[print(i) for i in range(100000)]' | head -n 1; echo ${PIPESTATUS[0]}"],
                           capture_output=True, text=True, timeout=60)
    assert (shell.stdout, shell.stderr) == ("0\n141\n", "")


def test_help_of_one_command_imports_neither_the_machine_nor_the_other_commands() -> None:
    code = ("import sys; from cli.main import main\ntry: main(['run', '--help'])\nexcept SystemExit: pass\n"
            "print({'unicorn', 'elftools', 'capstone', 'runtime.machine', 'cli.build', 'json'} & set(sys.modules))")
    status, out, _ = run(code=code)
    assert status == 0
    assert out.splitlines()[-1] == "set()"


@pytest.mark.parametrize("args", ["--help", "info {ko}", "symbols {ko}", "build {source} -o {out}"])
def test_what_runs_no_module_imports_no_processor(args: str, params_ko: Path, tmp_path: Path) -> None:
    words = args.format(ko=params_ko, source=Path(__file__).with_name("params.c"), out=tmp_path / "params.ko").split()
    code = (f"import sys; from cli.main import main\nassert main({words!r}) == 0\n"
            "print({'unicorn', 'runtime.machine'} & set(sys.modules))")
    status, out, err = run(code=code)
    assert (status, out.splitlines()[-1]) == (0, "set()"), err
