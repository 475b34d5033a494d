"""The imports of an object file, read without a library."""

import subprocess
from pathlib import Path

from tests.toolchain.elf_facts import Facts
from toolchain.compilers import Compiler, environment
from toolchain.undefined import undefined_symbols

SOURCE = """
extern int imported; extern int perhaps __attribute__((weak)); int defined(void); int other(void);
int defined(void) { return imported + other() + (&perhaps != 0); }
"""


def test_undefined_symbols_are_listed_but_for_weak_ones(compiler: Compiler, tmp_path: Path) -> None:
    (tmp_path / "x.c").write_text(SOURCE)
    command = [*compiler.command, *compiler.flags, "-c", "-o", "x.o", "x.c"]
    subprocess.run(command, cwd=tmp_path, check=True, env=environment())
    assert undefined_symbols(tmp_path / "x.o") == ["imported", "other"]
    assert Facts(tmp_path / "x.o").imports == {"imported", "other", "perhaps"}
