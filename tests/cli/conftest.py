import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from toolchain import build
from toolchain.kbuild import find_headers

Done = subprocess.CompletedProcess
HERE = Path(__file__).parent


def need_headers() -> None:
    if find_headers() is None:
        pytest.skip("no kernel headers: apt install linux-headers-amd64")


@pytest.fixture(scope="session")
def params_ko() -> Path:
    """params.c, built by kbuild."""
    need_headers()
    return build(HERE / "params.c")


@pytest.fixture(scope="session")
def imports_ko() -> Path:
    """imports.c, built by kbuild."""
    need_headers()
    return build(HERE / "imports.c")


@pytest.fixture
def kmodrun() -> Callable[..., Done[str]]:
    """Run the command line in a process of its own."""
    def run(*args: str | Path, **more: object) -> Done[str]:
        return subprocess.run([sys.executable, "-m", "cli", *map(str, args)], capture_output=True, text=True,
                              cwd=HERE.parents[1], **({"timeout": 120} | more))
    return run
