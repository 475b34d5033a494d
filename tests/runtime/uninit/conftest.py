"""Modules that use what nobody has initialised, built in each way, and a scenario of them on a machine."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from runtime.machine import Machine
from runtime.sweep.course import Course
from runtime.uninit.search import Search
from toolchain import build
from toolchain.kbuild import find_headers

HERE = Path(__file__).parent

Look = Callable[..., list[dict[str, Any]]]


def course(module: bytes, name: str, how: str, **settings: Any) -> Course:
    """insmod NAME how=HOW; rmmod NAME, on a new machine."""
    machine = Machine(**{"blocks": 10_000_000, **settings})
    return Course(machine, {name: module}, (("insmod", name, f"how={how}", ""), ("rmmod", name, "", "")))


def search(module: bytes, name: str, how: str, **settings: Any) -> Search:
    return Search(lambda: course(module, name, how, **settings))


@pytest.fixture(scope="session")
def heap_ko() -> bytes:
    """heap.c, by kbuild."""
    if find_headers() is None:
        pytest.skip("no kernel headers: apt install linux-headers-amd64")
    return build(HERE / "heap.c").read_bytes()


@pytest.fixture(scope="session", params=["kbuild", "bundled"])
def heap(request: pytest.FixtureRequest) -> bytes:
    """heap.c, in each way."""
    if request.param == "kbuild":
        return bytes(request.getfixturevalue("heap_ko"))
    return build(HERE / "heap.c", bundled=True).read_bytes()


@pytest.fixture(scope="session")
def stack() -> bytes:
    """stack.c, whose compiler leaves variables as they are."""
    return build(HERE / "stack.c", bundled=True).read_bytes()


@pytest.fixture(scope="session")
def zeroed_stack() -> bytes:
    """stack.c, as the distribution would build it."""
    if find_headers() is None:
        pytest.skip("no kernel headers: apt install linux-headers-amd64")
    return build(HERE / "stack.c").read_bytes()


def line(source: str, how: str) -> int:
    """Where a source marks what is wrong."""
    lines = (HERE / source).read_text().splitlines()
    return next(number for number, text in enumerate(lines, 1) if text.endswith(f"/* bad: {how} */"))
