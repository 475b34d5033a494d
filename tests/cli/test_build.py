from collections.abc import Callable
from pathlib import Path

MODULE = "modules/lecture/slab_test.c"


def test_the_built_module_is_where_it_was_asked_for(kmodrun: Callable, tmp_path: Path, params_ko: Path) -> None:
    target = tmp_path / "made.ko"
    done = kmodrun("build", MODULE, "-o", target)
    assert (done.returncode, done.stdout, done.stderr) == (0, f"{target}\n", "")
    assert target.read_bytes().startswith(b"\x7fELF")


def test_a_build_that_fails_shows_the_compilers_words_and_status_2(kmodrun: Callable, tmp_path: Path,
                                                                   params_ko: Path) -> None:
    source = tmp_path / "bad.c"
    source.write_text("int x = y;\n")
    done = kmodrun("build", source)
    assert (done.returncode, done.stdout) == (2, "")
    assert "'y' undeclared" in done.stderr.replace("\u2018", "'").replace("\u2019", "'")
    assert done.stderr.splitlines()[-1].startswith(f"kmodrun: {source}: ")


def test_a_directory_without_headers_is_refused(kmodrun: Callable, tmp_path: Path) -> None:
    done = kmodrun("build", "--kernel", tmp_path, MODULE)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.count("\n") == 1
    assert str(tmp_path) in done.stderr
