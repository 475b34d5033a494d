"""Two runs of a scenario, beside each other: what is compared, and how it is shown."""

import shutil
from difflib import SequenceMatcher
from itertools import zip_longest
from typing import Any, NamedTuple

from runtime.report.style import Style
from toolchain import normalise
from toolchain.guest import Outcome
from toolchain.scenario import Scenario

_GAPS = {"equal": " ", "replace": "|", "delete": "<", "insert": ">"}
NARROW = 50  # columns that a side has at least


class Verdict(NamedTuple):
    """A scenario that ran on both sides. unsupported: what kmodrun lacks for it, or ""."""

    scenario: Scenario
    real: list[Outcome]
    ours: list[Outcome]
    unsupported: str = ""

    @property
    def equal(self) -> bool:
        """Whether both did the same, and what the scenario expects."""
        real, ours = sides(self)
        return not self.unsupported and not self.broken and real == ours

    @property
    def broken(self) -> list[str]:
        """Expectations of the scenario (`-> EINVAL`) that were not met, in words."""
        rows = [*(("the real kernel", each) for each in self.real), *(("kmodrun", each) for each in self.ours)]
        return [f"{each.step}: expected {each.step.expected}, {who} gave {each.status}"
                for who, each in rows if each.step.expected and not _as_expected(each)]


def _as_expected(outcome: Outcome) -> bool:
    wanted = outcome.step.expected
    return outcome.status in (f"rc={wanted}", f"rc=1 errno={wanted}", wanted)


def sides(verdict: Verdict) -> tuple[list[list[str]], list[list[str]]]:
    """Both runs as lists of lines, one for each step."""
    return [lines(outcome) for outcome in verdict.real], [lines(outcome) for outcome in verdict.ours]


def lines(outcome: Outcome, portable: bool = False) -> list[str]:
    """A step: its header, its output, its messages. portable: as the .log files have it.

    Of a step that the kernel did not survive there is only the console, without levels: <?>.
    """
    shown = [normalise.text(line) for line in outcome.output]
    log = list(normalise.log(outcome.log, portable))
    if outcome.status in ("panic", "hang"):
        log = ["<?>" + line[line.index(">") + 1 :] for line in log]
    return [f"{outcome.step} {outcome.status}", *shown, *log]


def render(verdict: Verdict, left: str, right: str, style: Style, only_differing: bool = False) -> list[str]:
    """The two runs in two columns; lines that differ are marked between them, and in colour on a terminal.

    only_differing: leave out steps that are equal.
    """
    width = max(NARROW, (shutil.get_terminal_size((140, 24)).columns - 3) // 2)
    out = [style.title(f"{left:{width}}   {right}")]
    nothing: list[str] = []
    for real, ours in zip_longest(*sides(verdict), fillvalue=nothing):
        if not only_differing or real != ours:
            out += _step(real, ours, width, style)
    return out


def _step(real: list[str], ours: list[str], width: int, style: Style) -> list[str]:
    out = []
    for tag, a, b, c, d in SequenceMatcher(None, real, ours, autojunk=False).get_opcodes():
        for left, right in zip_longest(real[a:b], ours[c:d]):
            gap = _GAPS["insert" if left is None else "delete" if right is None else tag]
            rows = zip_longest(_cut(left or "", width), _cut(right or "", width), fillvalue="")
            out += [_row(f"{x:{width}} {gap} {y}".rstrip(), tag, style) for x, y in rows]
    return out


def _row(row: str, tag: str, style: Style) -> str:
    if tag != "equal":
        return style.bad(row)
    return style.dim(row) if row.startswith("@@") else row


def _cut(line: str, width: int) -> list[str]:
    """A line in pieces that fit: nothing is cut off, since it might be what differs."""
    return [line[at : at + width] for at in range(0, max(len(line), 1), width)]


def milliseconds(run: list[Outcome]) -> float:
    """What all insmods and rmmods of a run took."""
    return sum(outcome.nanoseconds for outcome in run) / 1e6


def as_dict(verdict: Verdict) -> dict[str, Any]:
    """For --json."""
    real, ours = sides(verdict)
    steps = [{"step": str(step)[2:], "real": _side(step_real, a), "kmodrun": _side(step_ours, b), "equal": a == b}
             for step, step_real, step_ours, a, b in zip_longest(verdict.scenario.steps, verdict.real, verdict.ours,
                                                                  real, ours)]
    return {"name": verdict.scenario.name, "equal": verdict.equal, "unsupported": verdict.unsupported or None,
            "broken": verdict.broken, "steps": steps}


def _side(outcome: Outcome | None, shown: list[str] | None) -> dict[str, Any] | None:
    if outcome is None or shown is None:
        return None
    return {"status": outcome.status, "nanoseconds": outcome.nanoseconds, "lines": shown[1:],
            "log": outcome.log, "output": outcome.output}
