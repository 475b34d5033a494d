"""Finding a compiler, and what it is told."""

import stat
from pathlib import Path

import pytest

from toolchain import compilers
from toolchain.cache import BuildError
from toolchain.compilers import Compiler, find_compiler


def test_no_compiler_is_an_error_that_names_the_way_out(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("CC", raising=False)
    monkeypatch.setattr(compilers, "find_spec", lambda name: None)
    with pytest.raises(BuildError, match="pip install ziglang"):
        find_compiler()


def test_the_users_choice_comes_first(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, own_cache: Path) -> None:
    fake = tmp_path / "my-cc"
    fake.write_text("#!/bin/sh\necho my compiler 1.0\n")
    fake.chmod(fake.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("CC", f"{fake} --quick")
    found = find_compiler()
    assert found.command == [str(fake), "--quick"]
    first = found.identity
    fake.write_text("#!/bin/sh\necho my compiler 1.0.1\n")
    assert find_compiler().identity != first


def test_flags_that_are_not_known_are_left_out(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, own_cache: Path
) -> None:
    fake = tmp_path / "cc"
    fake.write_text('#!/bin/sh\ncase "$*" in *-fconserve-stack*) exit 1;; esac\n')
    fake.chmod(fake.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("CC", str(fake))
    flags = find_compiler().flags
    assert "-fconserve-stack" not in flags
    assert "-fstack-protector-strong" in flags


def test_the_abi_is_asked_for(compiler: Compiler) -> None:
    assert {"-mcmodel=kernel", "-mno-red-zone", "-mno-sse", "-fno-pic", "-nostdinc"} <= set(compiler.flags)
