"""Finds a C compiler for the bundled headers, and the flags with which it makes kernel code.

Any gcc, clang or `zig cc` will do. A flag that a compiler does not know is left out after one trial, whose result is
cached: those flags harden or tune, none of them changes the ABI.
"""

import hashlib
import os
import shlex
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

from toolchain.cache import BuildError, cache_directory

# The ABI: kernel code model, no floating point, no red zone, strict about nothing that kernel code violates.
_NEEDED_TEXT = """
    -std=gnu11 -nostdinc -O2 -g -m64 -mcmodel=kernel -mno-red-zone -mno-mmx -mno-sse -mno-sse2 -mno-80387
    -fno-pic -fno-pie -fno-strict-aliasing -fno-common -fshort-wchar -fwrapv -fno-delete-null-pointer-checks
    -fno-asynchronous-unwind-tables -fno-unwind-tables
"""

# As the distribution's kernel is built: canaries at %gs:0x28, no jump tables, 8-byte stack. Stack variables
# are not zeroed: so it is seen where one is used that nobody has initialised.
_WANTED_TEXT = """
    -fstack-protector-strong -fcf-protection=none -fno-stack-clash-protection
    -fno-jump-tables -mpreferred-stack-boundary=3 -mstack-alignment=8 -mskip-rax-setup -fno-allow-store-data-races
    -fno-stack-check -fconserve-stack -fno-sanitize=all -fno-builtin-bcmp -fno-builtin-stpcpy -mno-avx
    -fno-addrsig -fno-ident -fomit-frame-pointer
    -mindirect-branch=thunk-extern -mindirect-branch-register -mretpoline-external-thunk
"""

# What a kernel build warns about, and what it does not.
_WARNINGS_TEXT = """
    -Wall -Werror=implicit-function-declaration -Werror=implicit-int -Werror=return-type -Werror=strict-prototypes
    -Werror=incompatible-pointer-types -Wno-format-security -Wno-pointer-sign -Wno-sign-compare -Wno-main
    -Wno-unused-but-set-variable -Wno-unused-const-variable -Wno-unused-function -Wno-trigraphs
    -Wno-maybe-uninitialized -Wno-array-bounds -Wno-stringop-overflow -Wno-unused-command-line-argument
    -Wno-gnu-variable-sized-type-not-at-end -Wno-missing-attributes -Wno-override-init -Wno-initializer-overrides
"""
_NEEDED, _WANTED, _WARNINGS = _NEEDED_TEXT.split(), _WANTED_TEXT.split(), _WARNINGS_TEXT.split()


class Compiler(NamedTuple):
    """command: how to call it. identity: what tells it from others and other versions. flags: all for kernel code."""

    command: list[str]
    identity: str
    flags: list[str]


def find_compiler() -> Compiler:
    """Return $CC, gcc, clang, cc or `zig cc`, whichever is there first. Raises BuildError where there is none."""
    for command in _candidates():
        if shutil.which(command[0]):
            return _compiler(command)
    raise BuildError("no C compiler found: install gcc or clang, or run `pip install ziglang`")


def _candidates() -> list[list[str]]:
    chosen = shlex.split(os.environ.get("CC", ""))
    zig = [[sys.executable, "-m", "ziglang", "cc"]] if find_spec("ziglang") else []
    return ([chosen] if chosen else []) + [["gcc"], ["clang"], ["cc"], ["zig", "cc"], *zig]


def environment() -> dict[str, str]:
    """Return the environment for a compiler: zig keeps its caches where ours are, messages are in English."""
    zig = str(cache_directory() / "zig")
    return {"ZIG_GLOBAL_CACHE_DIR": zig, "ZIG_LOCAL_CACHE_DIR": zig, **os.environ, "LC_ALL": "C"}


def _compiler(command: list[str]) -> Compiler:
    target = ["-target", "x86_64-freestanding-none"] if "zig" in " ".join(command) else []
    identity = _identity(command)
    return Compiler(command, identity, target + _NEEDED + _accepted(command, identity, target))


def _identity(command: list[str]) -> str:
    """Tell versions apart by the program's file: --version takes longer than all the rest of a cached build."""
    spec = find_spec("ziglang") if "ziglang" in command else None
    program = Path(spec.origin if spec and spec.origin else shutil.which(command[0]) or command[0]).resolve()
    facts = program.stat()
    return f"{' '.join(command)} {program} {facts.st_size} {facts.st_mtime_ns}"


def _accepted(command: list[str], identity: str, target: list[str]) -> list[str]:
    """Return those of the wanted flags that the compiler takes; asked once for each compiler and list."""
    facts = repr((identity, target, _NEEDED, _WANTED, _WARNINGS))
    note = cache_directory() / f"flags-{hashlib.sha256(facts.encode()).hexdigest()[:32]}"
    if note.exists():
        return note.read_text().split()
    flags = [flag for flag in _WANTED if _takes([*command, *target, *_NEEDED], flag)]
    flags += [flag for flag in _WARNINGS if _takes([*command, *target], flag)]
    note.parent.mkdir(parents=True, exist_ok=True)
    partial = note.with_name(f".{note.name}.{os.getpid()}")
    partial.write_text(" ".join(flags))
    os.replace(partial, note)
    return flags


def _takes(command: list[str], flag: str) -> bool:
    asked = flag.replace("-Wno-", "-W", 1)  # gcc takes any -Wno-... in silence
    trial = [*command, "-Werror", asked, "-x", "c", "-c", "-o", os.devnull, os.devnull]
    return subprocess.run(trial, capture_output=True, env=environment()).returncode == 0


def headers_flags(directories: list[Path]) -> list[str]:
    """Return the flags that make the given directories the only ones with system headers."""
    return [word for directory in directories for word in ("-isystem", str(directory))]
