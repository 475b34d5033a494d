"""The modules in modules/, built by kbuild: a directory at once, by one worker, once for each state of its sources."""

import fcntl
from functools import cache
from pathlib import Path

import pytest

from toolchain import kbuild
from toolchain.cache import cache_directory

MODULES = Path(__file__).resolve().parents[1] / "modules"


def built(source: Path) -> Path:
    """The .ko of a .c file in modules/. Skips where there are no kernel headers."""
    return build_all(source.parent)[source]


@cache
def build_all(directory: Path) -> dict[Path, Path]:
    """.c -> .ko of a directory."""
    headers = kbuild.find_headers()
    if headers is None:
        pytest.skip("no kernel headers: apt install linux-headers-amd64")
    sources = sorted(directory.glob("*.c"))
    cache_directory().mkdir(parents=True, exist_ok=True)
    with open(cache_directory() / f"{directory.name}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # the others wait for the first one, and find what it has built
        return dict(zip(sources, kbuild.build_together(sources, headers), strict=True))
