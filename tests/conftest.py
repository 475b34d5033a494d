"""Fixtures that build real modules: kbuild and the installed kernel headers."""

from collections.abc import Callable
from pathlib import Path

import pytest

from toolchain import build
from toolchain.kbuild import find_headers

collect_ignore = ["example_project"]  # tests of its own, one of which fails


@pytest.fixture(scope="session")
def build_ko() -> Callable[[Path], Path]:
    """Build a .c file with kbuild: build_ko(path) gives the path of the .ko. Skips where there are no headers."""

    def make(source: Path) -> Path:
        if find_headers() is None:
            pytest.skip("no kernel headers: apt install linux-headers-amd64")
        return build(source)

    return make
