"""Findings and sweeps on a terminal: one line that says it, then the stacks with their lines of source, then how to see
it again.
"""

from collections.abc import Iterator
from pathlib import PurePath
from typing import Any

from runtime.report.result import (
    Finding,
    Frame,
    Result,
    called,
    count_verdicts,
    own_findings,
    place,
    replay,
    site_place,
    where,
    whole,
)
from runtime.report.sources import Sources
from runtime.report.style import Style, in_bytes, percent, plural
from runtime.report.words import frame_name, sentence, stack_titles

SHOWN_FRAMES = 8
SHOWN_MISSED = 10
_NOTHING: Result = {"sites": [], "scenarios": []}


def finding_lines(finding: Finding, sources: Sources, style: Style, result: Result | None = None) -> Iterator[str]:
    """The lines of one finding. result: what it is a part of; without it, it does not say what had to fail."""
    if result is None:
        result, finding = _NOTHING, {**finding, "scenarios": []}
    at = where(place(finding))
    head = f"{style.title(at + ':')} " if at else ""
    yield f"{head}{style.bad(finding['kind'])}: {sentence(result, finding)}"
    for key, introduction in stack_titles(finding):
        if finding.get(key):
            yield from stack_lines(introduction, finding[key], sources, style)
    command = replay(result, finding)
    if command:
        yield f"  {style.dim('replay with'):>12} {command}"


def stack_lines(introduction: str, frames: list[Frame], sources: Sources, style: Style) -> Iterator[str]:
    """One line per frame, innermost first; below the first whose source is at hand (a .c, not a header) its text."""
    quoted = False
    for i, frame in enumerate(frames[:SHOWN_FRAMES]):
        yield f"  {introduction if i == 0 else '':>12} {frame_text(frame, style)}"
        if not quoted and (frame.get("file") or "").endswith(".c"):
            source = sources.line(frame["file"], frame["line"])
            quoted = bool(source)
            if source:
                yield f"  {'':12} {style.dim('  | ')}{source}"
    if len(frames) > SHOWN_FRAMES:
        yield f"  {'':12} and {len(frames) - SHOWN_FRAMES} more frames"


def frame_text(frame: Frame, style: Style) -> str:
    """`my_init+0x2a [slab_test] in slab_test.c:20`."""
    text = frame_name(frame)
    if frame.get("file"):
        text += " " + style.dim("in ") + where(frame)
    return text


def sweep_lines(result: Result, sources: Sources, style: Style, seconds: float | None = None) -> Iterator[str]:
    """The whole report of a sweep. seconds: how long it took, for the rate; without it the text is deterministic."""
    result = whole(result)
    for finding in result["findings"]:
        yield from finding_lines(finding, sources, style, result)
        yield ""
    if result["sites"]:
        yield from site_lines(result, style)
        yield ""
    if result["coverage"]:
        yield from coverage_lines(result["coverage"], style)
    yield from (f"{style.odd('unsupported')}: {gap}" for gap in result["unsupported"])
    yield summary_line(result, style, seconds)


def summary_line(result: Result, style: Style, seconds: float | None = None) -> str:
    """`7 sites, 8 scenarios in 0.9 ms (9,100/s): 1 clean, 4 handled, 1 ignored, 2 with findings`."""
    count = len(result["scenarios"])
    took = f" in {duration(seconds)} ({count / seconds:,.0f}/s)" if seconds else ""
    return f"{plural(len(result['sites']), 'site')}, {plural(count, 'scenario')}{took}: {verdicts_text(result, style)}"


def duration(seconds: float) -> str:
    """`0.9 ms`, `1.25 s`."""
    return f"{seconds:.3g} s" if seconds >= 1 else f"{seconds * 1e3:.3g} ms"


def verdicts_text(result: Result, style: Style) -> str:
    """`1 clean, 4 handled, 2 with findings`."""
    marks = {"clean": style.good, "handled": style.good, "ignored": style.odd, "failed": style.bad,
             "findings": style.bad, "unsupported": style.odd}  # fmt: skip
    words = {"findings": "with findings"}
    return ", ".join(f"{count:,} {marks[verdict](words.get(verdict, verdict))}"
                     for verdict, count in count_verdicts(result).items())  # fmt: skip


def site_lines(result: Result, style: Style) -> Iterator[str]:
    """A table: what the module asks the kernel for, where, and what came of it when that failed."""
    rows = [(*site_cells(site), site_verdict(result, index, style)) for index, site in enumerate(result["sites"])]
    titles = ("where it may fail", "at", "size", "when it fails")
    wide = [max(len(row[column]) for row in (titles, *rows)) for column in range(3)]
    yield style.title(f"{titles[0]:{wide[0]}}  {titles[1]:{wide[1]}}  {titles[2]:>{wide[2]}}  {titles[3]}")
    for function, at, size, verdict in rows:
        yield f"{function:{wide[0]}}  {at:{wide[1]}}  {size:>{wide[2]}}  {verdict}"


def site_cells(site: dict[str, Any]) -> tuple[str, str, str]:
    """Function and cache, place, size."""
    function = called(site)
    own_cache = site["what"] if site["kind"] in ("slab", "cache") and not site["what"].startswith("kmalloc-") else ""
    return f"{function} {own_cache}".strip(), where(site_place(site)), in_bytes(site["size"]) if site["size"] else ""


def site_verdict(result: Result, index: int, style: Style) -> str:
    """What came of it when this alone failed: `handled: ENOMEM`, `leak, double-free`; `-` where it never did."""
    alone = [scenario for scenario in result["scenarios"] if scenario["fails"] == [index]]
    words = [scenario_verdict(result, scenario, style) for scenario in alone]
    several = [f"{words.count(word)} times {word}" if words.count(word) > 1 else word for word in dict.fromkeys(words)]
    return "; ".join(several) or "-"


def scenario_verdict(result: Result, scenario: dict[str, Any], style: Style) -> str:
    """`handled: ENOMEM`, `ignored`, or the kinds of its findings."""
    verdict = scenario["verdict"]
    if verdict == "findings":
        kinds = dict.fromkeys(result["findings"][index]["kind"] for index in own_findings(result, scenario))
        return style.bad(", ".join(kinds))
    if verdict == "handled":
        error = scenario["result"].rpartition(": ")[2]
        return style.good("handled") + (f": {error}" if error else "")
    if verdict == "failed":
        return style.bad(f"failed by itself: {scenario['result']}")
    return (style.good if verdict == "clean" else style.odd)(verdict)


def coverage_lines(coverage: dict[str, Any], style: Style) -> Iterator[str]:
    """How much of each file ran, then the places that were never reached."""
    for file, lines in coverage["lines"].items():
        normal, swept = sum(1 for hit in lines.values() if hit[0]), sum(1 for hit in lines.values() if any(hit))
        total = len(lines)
        yield (f"{style.title('coverage')}: {PurePath(file).name}: {percent(swept, total)} of {plural(total, 'line')}"
               f" ({percent(normal, total)} in the normal run)")  # fmt: skip
    missed = coverage["missed"]
    for row in missed[:SHOWN_MISSED]:
        yield f"  {PurePath(row['file']).name}:{row['line']}: {row['why']}, in {row['function']}()"
    if len(missed) > SHOWN_MISSED:
        yield f"  and {plural(len(missed) - SHOWN_MISSED, 'place')} more"
