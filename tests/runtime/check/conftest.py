"""Modules written in a test, built with the bundled headers."""

from collections.abc import Callable
from pathlib import Path

import pytest

from toolchain import build


@pytest.fixture
def make(tmp_path: Path) -> Callable[[str, str], Path]:
    """make(name, text): the .ko of a module."""

    def write(name: str, text: str) -> Path:
        source = tmp_path / f"{name}.c"
        source.write_text(text)
        return build(source, bundled=True)

    return write
