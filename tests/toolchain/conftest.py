"""Fixtures of the toolchain's tests: a cache of their own, compilers, kernel headers."""

import shutil
import sys
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import pytest

from toolchain.cache import BuildError, cache_directory
from toolchain.compilers import Compiler, find_compiler
from toolchain.kbuild import find_headers

ZIG = f"{sys.executable} -m ziglang cc"


@pytest.fixture
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache directory for one test: no modules, but what is known of compilers (asking them takes seconds)."""
    known = cache_directory()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    own = cache_directory()
    own.mkdir(parents=True)
    for note in known.glob("flags-*"):
        shutil.copy(note, own)
    if (known / "zig").exists():
        (own / "zig").symlink_to(known / "zig")
    return own


@pytest.fixture
def headers() -> Path:
    """The installed kernel headers; the test is skipped where there are none."""
    found = find_headers()
    if found is None:
        pytest.skip("no kernel headers: apt install linux-headers-amd64")
    return found


@pytest.fixture
def compiler() -> Compiler:
    """Whatever compiler the bundled headers would be used with."""
    try:
        return find_compiler()
    except BuildError as error:
        pytest.skip(str(error))


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str, str], Path]:
    """Write a source file: write("name.c", text) gives its path."""

    def make(name: str, text: str) -> Path:
        path = tmp_path / "source" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    return make


def installed_compilers() -> list[str]:
    """The values of $CC that can be tried here."""
    found = [name for name in ("gcc", "clang") if shutil.which(name)]
    return found + ([ZIG] if find_spec("ziglang") else [])


def short(compiler: object) -> str:
    """The name of a compiler in a test's id."""
    return "zig" if "ziglang" in str(compiler) else str(compiler)
