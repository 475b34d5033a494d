"""What a sweep, or a part of one, has found: plain data, which parts are merged from and processes send each other."""

from typing import Any

from runtime.coverage.recording import Blocks
from runtime.sweep.points import Site

Key = tuple[int, ...]
"""The numbers of the fault points that failed in a scenario: () is the normal run. Scenarios are sorted by it."""


class Found:
    """sites: (nth, what is known of it). scenarios: by Key. findings: by cause, as the first scenario met them.

    observed: see observe.py. log: of the normal run. ran_normally, ran: the blocks of module code that ran in the
    normal run, and in all of the sweep.
    """

    def __init__(self) -> None:
        self.sites: dict[Site, tuple[int, dict[str, Any]]] = {}
        self.scenarios: dict[Key, dict[str, Any]] = {}
        self.findings: dict[Any, tuple[Key, dict[str, Any]]] = {}
        self.log: list[dict[str, Any]] = []
        self.observed: dict[str, Any] = {}
        self.ran_normally: Blocks = frozenset()
        self.ran: Blocks = frozenset()

    def add(self, other: "Found") -> None:
        """Merge what somebody else has found: where both know of something, the earlier scenario counts."""
        self.scenarios |= other.scenarios
        self.log = self.log or other.log
        self.observed = self.observed or other.observed
        self.ran_normally |= other.ran_normally
        self.ran |= other.ran
        for site, known in other.sites.items():
            if site not in self.sites or known[0] < self.sites[site][0]:
                self.sites[site] = known
        for cause, (key, told) in other.findings.items():
            self.add_finding(cause, key, told)

    def add_finding(self, cause: Any, key: Key, told: dict[str, Any]) -> None:
        """A finding, as a scenario met it; that of the first scenario stays."""
        if cause not in self.findings or key < self.findings[cause][0]:
            self.findings[cause] = key, told
