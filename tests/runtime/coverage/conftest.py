"""A module of which it is known what runs, built with the kernel's headers and with the bundled ones."""

from collections.abc import Callable
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from runtime import Machine
from runtime.errors import InsmodError, Killed
from toolchain import build

HERE = Path(__file__).parent


def run(data: bytes, arguments: str = "", **options: Any) -> Machine:
    """insmod and, where it succeeds, rmmod, on a machine that records."""
    machine = Machine(memory="32M", coverage=True, **options)
    with suppress(InsmodError, Killed):
        machine.rmmod(machine.insmod(data, arguments).name)
    return machine


@pytest.fixture(scope="session", params=["kbuild", "bundled"])
def builder(request: pytest.FixtureRequest, build_ko: Callable[[Path], Path]) -> Callable[[Path], Path]:
    """Builds a .c, one way and the other."""
    return build_ko if request.param == "kbuild" else lambda path: build(path, bundled=True)


@pytest.fixture
def paths(builder: Callable[[Path], Path]) -> bytes:
    """The module paths.c."""
    return builder(HERE / "paths.c").read_bytes()


@pytest.fixture(scope="session")
def make(builder: Callable[[Path], Path], tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], bytes]:
    """Build a module from the text of its functions; start() and stop() are its init and exit."""
    directory = tmp_path_factory.mktemp("made")

    @cache
    def made(text: str) -> bytes:
        source = directory / "made.c"
        source.write_text(HEAD + text + TAIL)
        return builder(source).read_bytes()

    return made


HEAD = "".join(f"#include <linux/{name}.h>\n" for name in ("module", "slab", "err", "vmalloc", "percpu", "uaccess"))
TAIL = "module_init(start);\nmodule_exit(stop);\nMODULE_LICENSE(\"GPL\");\n"
