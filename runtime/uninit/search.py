"""The search: patterns, causes, findings."""

from operator import itemgetter
from typing import Any

from runtime.check.findings import Finding
from runtime.uninit.causes import Cause, Place, cause, place
from runtime.uninit.fills import PATTERNS, Key, Selection, Span
from runtime.uninit.runs import Runs, Start
from runtime.uninit.things import Thing, thing

MOST_CAUSES = 10
MOST_WORK = 100_000_000  # blocks of all runs together, before the search for one more cause: about two seconds
_ALL = 1 << 60


def uninitialised(start: Start) -> list[dict[str, Any]]:
    """What a scenario does with memory that nobody has initialised: findings as in --json, one for each cause.

    start: makes the scenario (sweep.course.Course), each time the same, on a new machine with a budget of blocks
    (Machine(blocks=...)). It is run three times; where it differs, about thirty times more for each cause. After the
    first difference all may be a consequence: in the next run the bytes that made it are left as on Debian, at most ten
    times.
    """
    return Search(start).findings()


class Search:
    """masks: what has been found, and is not filled again."""

    def __init__(self, start: Start) -> None:
        self.runs = Runs(start)
        self.masks: tuple[Span, ...] = ()
        self._found: dict[tuple[Any, ...], tuple[int, dict[str, Any]]] = {}

    def findings(self) -> list[dict[str, Any]]:
        """In the order in which the scenario comes to them."""
        for byte in PATTERNS:
            for _ in range(MOST_CAUSES):
                why = self._next(Selection(byte, _ALL, masks=self.masks))
                if why is None or why.span in self.masks:
                    break
                self.masks = (*self.masks, why.span)
                self._report(why)
        return [found for _, found in sorted(self._found.values(), key=itemgetter(0))]

    def _next(self, selection: Selection) -> Cause | None:
        if self.runs.work > MOST_WORK:
            return None
        diverged, observed = self.runs.compare(selection)
        if diverged is None:
            return None
        assert observed.fill is not None
        return cause(self.runs, selection, diverged, observed.fill.count)

    def _report(self, why: Cause) -> None:
        k, machine = why.observed.k, why.observed.course.machine
        where = place(self.runs, why)
        what = thing(where.k or k, why.piece, why.first)
        freed = self._read_after(why) if what.gone else ()
        kind = "out-of-bounds" if what.outside else "use-after-free" if freed else where.kind
        finding = Finding(
            kind, sentence(where, what, why.last - why.first + 1, kind == where.kind),
            address=what.address, size=what.size, at=where.at, allocated=what.allocated, freed=freed, pc=where.pc,
            known=len(k.places.known),
        )  # fmt: skip
        for address in (finding.pc, *finding.at, *finding.allocated):
            finding.module = finding.module or (k.modules.owner_name(address) if address else "")
        self._found.setdefault(finding.cause, (why.diverged.blocks, finding.as_dict(machine.frames)))


    def _read_after(self, why: Cause) -> Key:
        """Who has freed the memory, if that was before the module read it; () if not."""
        found, observed = self.runs.compare(why.selection._replace(until_free=True), why.diverged.index)
        return observed.fill.freed if found is None and observed.fill is not None else ()


def sentence(where: Place, what: Thing, count: int, undefined: bool = True) -> str:
    """`a branch depends on bytes 8 to 11 of an object of 64 bytes (kmalloc-64), which nobody has initialised`."""
    return f"{where.what} {what.bytes(count)}" + (", which nobody has initialised" if undefined else "")
