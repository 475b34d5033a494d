"""The search: patterns, causes, findings."""

from typing import Any

from runtime.check.findings import Finding
from runtime.uninit.causes import Cause, Place, Thing, cause, place, thing
from runtime.uninit.fills import PATTERNS, Selection, Span
from runtime.uninit.runs import Runs, Start

MOST_CAUSES = 10
_ALL = 1 << 60


def uninitialised(start: Start) -> list[dict[str, Any]]:
    """What a scenario does with memory that nobody has initialised: findings as in --json, one for each cause.

    start: makes the scenario (sweep.course.Course), each time the same, on a new machine with a budget of blocks
    (Machine(blocks=...)). It is run three times; where it differs, about thirty times more for each cause. After the
    first difference all may be a consequence: in the next run the bytes that made it are left as on Debian, ten times at
    most.
    """
    return Search(start).findings()


class Search:
    """masks: what has been found, and is not filled again."""

    def __init__(self, start: Start) -> None:
        self.runs = Runs(start)
        self.masks: tuple[Span, ...] = ()
        self._found: dict[tuple[Any, ...], dict[str, Any]] = {}

    def findings(self) -> list[dict[str, Any]]:
        for byte in PATTERNS:
            for _ in range(MOST_CAUSES):
                why = self._next(Selection(byte, _ALL, masks=self.masks))
                if why is None or why.span in self.masks:
                    break
                self.masks = (*self.masks, why.span)
                self._report(why)
        return list(self._found.values())

    def _next(self, selection: Selection) -> Cause | None:
        diverged, observed = self.runs.compare(selection)
        if diverged is None:
            return None
        assert observed.fill is not None
        return cause(self.runs, selection, diverged, observed.fill.count)

    def _report(self, why: Cause) -> None:
        k, machine = why.observed.k, why.observed.course.machine
        what, where = thing(k, why.piece, why.first), place(self.runs, why)
        finding = Finding(
            where.kind, sentence(where, what, why.last - why.first + 1), address=what.address, size=what.size,
            at=where.at, allocated=what.allocated, pc=where.pc, known=len(k.places.known),
        )  # fmt: skip
        for address in (finding.pc, *finding.at, *finding.allocated):
            finding.module = finding.module or (k.modules.owner_name(address) if address else "")
        self._found.setdefault(finding.cause, finding.as_dict(machine.frames))


def sentence(where: Place, what: Thing, count: int) -> str:
    """`a branch depends on bytes 8 to 11 of an object of 64 bytes (kmalloc-64), which nobody has initialised`."""
    if not what.size:
        span = f"{count} byte{'s' * (count > 1)} of {what.what}"
    elif count == 1:
        span = f"byte {what.at} of {what.what}"
    else:
        span = f"bytes {what.at} to {what.at + count - 1} of {what.what}"
    return f"{where.what} {span}, which nobody has initialised"
