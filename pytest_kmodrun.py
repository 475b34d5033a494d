"""pytest finds kmodrun's fixtures and marks here, see cli/pytest_plugin.py.

A pytest run that uses none of them pays for reading this file only: nothing else is imported, and none of the package
names of kmodrun is taken from a project that has such packages itself.
"""

from collections.abc import Callable, Generator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from cli.pytest_sweeps import Scenario
    from runtime import Machine

MARKS = (
    "machine(memory='64M', fences='right', ...): what the fixture `machine` is made of, as arguments of Machine",
    "fault_sweep('foo.c', params={}, depth=1, ...): the test is done once for each call that may fail in foo.c",
)


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("kmodrun", "kernel modules")
    group.addoption("--kmodrun-sarif", metavar="FILE", help="write what fault sweeps found to FILE, as SARIF 2.1.0")
    parser.addini("kmodrun_headers", "what modules are built against: auto, bundled, or a directory of kernel headers",
                  default="auto")


def pytest_configure(config: pytest.Config) -> None:
    for mark in MARKS:
        config.addinivalue_line("markers", mark)
    if config.getoption("kmodrun_sarif", None):
        from cli.pytest_report import Sarif
        config.pluginmanager.register(Sarif(config), "kmodrun-sarif")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if metafunc.definition.get_closest_marker("fault_sweep"):
        from cli.pytest_sweeps import generate
        generate(metafunc)


def pytest_itemcollected(item: pytest.Item) -> None:
    """A test of a sweep has its scenario, whether or not it takes it as an argument."""
    if item.get_closest_marker("fault_sweep") and isinstance(item, pytest.Function):
        names = item.fixturenames
        names += {"scenario"} - set(names)


@pytest.hookimpl(wrapper=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> Generator[None, object, object]:
    """What is found fails the test itself, not only its teardown."""
    if not {"machine", "scenario"} & pyfuncitem.funcargs.keys():
        return (yield)
    from cli.pytest_plugin import explain, judge
    try:
        done = yield
    except BaseException:
        explain(pyfuncitem)
        raise
    judge(pyfuncitem)
    return done


@pytest.fixture
def machine(request: pytest.FixtureRequest) -> "Generator[Machine, None, None]":
    """A fresh emulated machine; a finding that is left in machine.findings fails the test."""
    from cli.pytest_plugin import machine_of
    yield from machine_of(request)


@pytest.fixture(scope="module")
def kmod(request: pytest.FixtureRequest) -> Callable[[str | Path], Path]:
    """kmod("foo.c"): the .ko of a module that lies beside the test, built if need be."""
    from cli.pytest_plugin import builder
    return builder(request.config, request.path.parent)


@pytest.fixture
def scenario(request: pytest.FixtureRequest) -> "Scenario":
    """What came of a run in which one call failed; a finding that is left in scenario.findings fails the test."""
    param: Any = getattr(request, "param", None)
    if param is None:
        pytest.fail("the fixture `scenario` is for tests with @pytest.mark.fault_sweep", pytrace=False)
    from cli.pytest_sweeps import prepare
    return prepare(param, request.config)
