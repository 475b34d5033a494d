"""`pytest --kmodrun-sarif FILE`: what the tests of a session found, as SARIF; with xdist, the tests of all workers."""

import json
from pathlib import Path
from typing import Any

import pytest

from cli.outputs import as_sarif
from runtime.report.sources import Sources

KEY = "kmodrun_sarif"


class Sarif:
    """Gathers the results of sweeps, and the findings of single machines."""

    def __init__(self, config: pytest.Config) -> None:
        self.path = Path(config.getoption(KEY)).absolute()
        self.sweeps: dict[str, dict[str, Any]] = {}

    def found(self, findings: list[dict[str, Any]]) -> None:
        """Note the findings of a machine."""
        self.add({"modules": [], "findings": findings, "unsupported": []})

    def add(self, result: dict[str, Any]) -> None:
        """Note a result, once however many tests have it."""
        self.sweeps.setdefault(json.dumps(result), result)

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any, error: object) -> None:
        """A worker has ended, and sends what it has gathered."""
        for text in getattr(node, "workeroutput", {}).get(KEY, []):
            self.sweeps.setdefault(text, json.loads(text))

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Write the file; a worker only hands on what it has."""
        if hasattr(session.config, "workeroutput"):
            session.config.workeroutput[KEY] = list(self.sweeps)
            return
        results = [self.sweeps[text] for text in sorted(self.sweeps)]
        results = results or [{"modules": [], "findings": [], "unsupported": []}]  # a log of nothing
        [(_, text)] = as_sarif(results, Sources())
        self.path.write_text(text, encoding="utf-8")
