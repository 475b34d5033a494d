"""What the fixtures of pytest_kmodrun.py do: machines that fail a test by their findings, modules built beside a test.

`machine.findings` is a list. A test that expects a finding looks at it and takes it out (`clear()`, `pop()`); what is
left when the test ends fails it. Modules that are still loaded then are removed first, so that leaks count. A machine
that lacks something skips the test.
"""

from collections.abc import Callable, Iterator
from contextlib import redirect_stderr, suppress
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from cli.modules import as_ko
from cli.pytest_sweeps import Scenario, headers
from runtime import Machine
from runtime.errors import InsmodError, KernelPanic, Killed, Unsupported, Usage
from runtime.report.sources import Sources
from runtime.report.style import Plain
from runtime.report.text import finding_lines

OURS = (OSError, Killed, KernelPanic, Usage)
"""What a machine says by raising: a traceback of it ends in the test, not in kmodrun."""


class Watched(Machine):
    """A machine of a test. judged: whether somebody has told of its findings. sarif: who gathers them, too."""

    judged = False
    sarif: Any = None

    def insmod(self, module: str | Path | bytes, arguments: str = "", /, **parameters: Any) -> Any:
        """As Machine.insmod(); what is unsupported skips the test."""
        __tracebackhide__ = True
        return self._ours(super().insmod, module, arguments, **parameters)

    def rmmod(self, name: str) -> None:
        """As Machine.rmmod(); what is unsupported skips the test."""
        __tracebackhide__ = True
        self._ours(super().rmmod, name)

    def _ours(self, action: Callable[..., Any], *words: Any, **more: Any) -> Any:
        __tracebackhide__ = True
        try:
            return action(*words, **more)
        except Unsupported as gap:
            reason = f"unsupported: {gap}"
        except OURS as problem:
            raise problem.with_traceback(None) from None
        return pytest.skip(reason)

    def remove_all(self) -> None:
        """Remove what is still loaded, the last one first; what cannot be removed stays."""
        for name in list(self.kernel.modules.loaded)[::-1]:
            with suppress(InsmodError, Killed, KernelPanic, Unsupported):
                super().rmmod(name)

    def told(self, directory: Path) -> str:
        """The text of the findings that nobody has taken, which takes them; "" for none."""
        sources, style = Sources([directory]), Plain()
        data = [finding.as_dict(self.frames) for finding in self.findings]
        if data and self.sarif is not None:
            self.sarif.found(data)
        self.findings.clear()
        return "\n".join("\n".join(finding_lines(finding, sources, style)) for finding in data)


def machine_of(request: pytest.FixtureRequest) -> Iterator[Machine]:
    """The fixture `machine`: made as the nearest @pytest.mark.machine says."""
    options: dict[str, Any] = {}
    for mark in reversed(list(request.node.iter_markers("machine"))):
        options.update(mark.kwargs)
    try:
        machine = Watched(**options)
    except (Usage, TypeError) as problem:
        words = str(problem).replace("Machine.__init__() got an unexpected keyword argument", "no such argument:")
        pytest.fail(f"@pytest.mark.machine: {words}", pytrace=False)
    machine.sarif = request.config.pluginmanager.get_plugin("kmodrun-sarif")
    yield machine
    if not machine.judged:
        machine.remove_all()
    told = machine.told(request.path.parent)
    machine.close()
    if told and not machine.judged:
        pytest.fail(told, pytrace=False)


def judge(item: pytest.Function) -> None:
    """A test has passed: fail it by what was found and is left."""
    left = []
    for thing in item.funcargs.values():
        if isinstance(thing, (Watched, Scenario)):
            left.append(thing.told(item.path.parent))
    if any(left):
        pytest.fail("\n".join(text for text in left if text), pytrace=False)


def explain(item: pytest.Function) -> None:
    """A test has failed: say what its machines found and logged. Their teardown says nothing more."""
    for thing in item.funcargs.values():
        if isinstance(thing, Watched):
            thing.judged = True
            if told := thing.told(item.path.parent):
                item.add_report_section("call", "findings", told)
            if log := "\n".join(record.text for record in thing.dmesg()):
                item.add_report_section("call", "kernel log", log)
        elif isinstance(thing, Scenario) and (told := thing.told(item.path.parent)):
            item.add_report_section("call", "findings", told)


def builder(config: pytest.Config, directory: Path) -> Callable[[str | Path], Path]:
    """The fixture `kmod`: names are relative to the test's directory."""
    def kmod(name: str | Path) -> Path:
        """Build a module, unless it is built. Return: its .ko; the test fails where there is none."""
        __tracebackhide__ = True
        complaint = ""
        with redirect_stderr(StringIO()) as said:
            try:
                return as_ko(str(directory / name), headers(config))
            except Usage as problem:
                complaint = str(problem)
        return pytest.fail("\n".join(filter(None, [complaint, said.getvalue()])), pytrace=False)
    return kmod
