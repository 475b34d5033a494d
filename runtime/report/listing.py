"""The source for the page: each line with its coverage, and beside it what was found there."""

from collections.abc import Iterator
from pathlib import PurePath
from typing import Any

from runtime.report.highlight import highlight
from runtime.report.result import Finding, Frame, Result, about, called, own_frame, site_place
from runtime.report.sources import Sources
from runtime.report.style import Plain, percent
from runtime.report.text import site_verdict
from runtime.report.words import stack_titles

_STACKS = ("at", "allocated", "freed", "failed")
_TOLD = {"allocated": "allocated", "freed": "freed", "at": "noticed"}
CONTEXT = 2  # lines around what an excerpt shows

View = dict[str, Any]


class Listing:
    """The files of one result whose source is at hand, in the order of their names."""

    def __init__(self, result: Result, sources: Sources) -> None:
        self.result, self.sources = result, sources
        named = sorted(_files(result), key=lambda file: (PurePath(file).name, file))
        self.files = {file: index for index, file in enumerate(file for file in named if sources.of(file))}
        self.missing = [file for file in (result["coverage"] or {}).get("lines", {}) if file not in self.files]
        self.html = {file: highlight(sources.of(file)) for file in self.files}
        self.notes: dict[tuple[str, int], list[View]] = {}
        self._note_sites()
        self._note_findings()

    def anchor(self, frame: Frame | None) -> str:
        """The id of a line, "" where its source is not on the page."""
        file = frame and frame.get("file")
        return f"f{self.files[file]}-{frame['line']}" if frame and file in self.files else ""

    def _note(self, frame: Frame | None, text: str, mark: str, target: str, number: int = 0) -> None:
        if frame is not None and frame.get("file") in self.files:
            notes = self.notes.setdefault((frame["file"], frame["line"]), [])
            note = {"text": text, "mark": mark, "target": target, "number": number}
            if note not in notes:
                notes.append(note)

    def _note_sites(self) -> None:
        for index, site in enumerate(self.result["sites"]):
            verdict = site_verdict(self.result, index, Plain()).replace("handled: ", "handled, ")
            alone = next((n for n, each in enumerate(self.result["scenarios"]) if each["fails"] == [index]), None)
            if alone is not None:
                mark = self.result["scenarios"][alone]["verdict"]
                self._note(site_place(site), f"{called(site)} fails: {verdict}", mark, f"s{alone}")

    def _note_findings(self) -> None:
        for number, finding in enumerate(self.result["findings"], 1):
            for key in _STACKS:
                if key != "failed":
                    text = finding["kind"] if key == about(finding) else _TOLD[key]
                    mark = "found" if key == about(finding) else "related"
                    self._note(own_frame(finding.get(key) or ()), text, mark, f"finding-{number}", number)

    def views(self) -> list[View]:
        """Each file, ready to be shown."""
        return [self._file(file) for file in self.files]

    def _file(self, file: str) -> View:
        coverage = self.result["coverage"] or {}
        lines = coverage.get("lines", {}).get(file, {})
        branches = coverage.get("branches", {}).get(file, {})
        rows = [{"n": n, "code": code, "ran": _ran(lines.get(str(n))), "branch": branch(branches.get(str(n))),
                 "notes": self.notes.get((file, n), [])} for n, code in enumerate(self.html[file], 1)]
        missed = [row for row in coverage.get("missed", ()) if row["file"] == file]
        return {"path": file, "name": PurePath(file).name, "index": self.files[file], "rows": rows, "missed": missed,
                "coverage": shares(lines) if lines else None}  # fmt: skip

    # Excerpts: the lines that a finding speaks of.
    def excerpts(self, finding: Finding, failed: str) -> list[View]:
        """For each file that the stacks of a finding name: its lines, with what happens there. failed: who failed."""
        told: dict[str, dict[int, list[View]]] = {}
        for frame, label in self._labels(finding, failed):
            if frame.get("file") in self.files:
                labels = told.setdefault(frame["file"], {}).setdefault(frame["line"], [])
                if label not in labels:
                    labels.append(label)
        return [self._excerpt(file, labels) for file, labels in told.items()]

    def _labels(self, finding: Finding, failed: str) -> Iterator[tuple[Frame, View]]:
        for key, _ in stack_titles(finding):
            frames = [frame for frame in finding.get(key) or () if frame.get("file")]
            own = own_frame(frames)
            text = {"failed": f"{failed} fails", "at": finding["kind"]}.get(key, key)
            mark = "found" if key == about(finding) else "related"
            if own is not None:
                yield own, {"text": text if key != about(finding) else finding["kind"], "mark": mark}
            yield from ((frame, {"text": "called from here", "mark": "way"}) for frame in frames if frame is not own)

    def _excerpt(self, file: str, labels: dict[int, list[View]]) -> View:
        html = self.html[file]
        near = {n for line in labels for n in range(line - CONTEXT, line + CONTEXT + 1)}
        shown = sorted(n for n in near | {n + 1 for n in near if n + 2 in near} if 0 < n <= len(html))
        rows: list[View] = []
        for n in shown:
            if rows and n != rows[-1]["n"] + 1:
                rows.append({"n": 0, "code": "", "labels": []})
            rows.append({"n": n, "code": html[n - 1], "labels": labels.get(n, [])})
        return {"name": PurePath(file).name, "index": self.files[file], "rows": rows}


def _files(result: Result) -> set[str]:
    """The files that anything in the result names: of modules, not of the kernel's headers."""
    stacks = [site["at"] for site in result["sites"]]
    stacks += [finding.get(key) or [] for finding in result["findings"] for key in _STACKS]
    places = [frame["file"] for stack in stacks for frame in stack if frame.get("file") and frame.get("module")]
    return {*(result["coverage"] or {}).get("lines", {}), *places}


def _ran(hits: list[int] | None) -> str:
    if hits is None:
        return ""
    return "normal" if hits[0] else "swept" if hits[1] else "never"


def branch(directions: list[list[int]] | None) -> View | None:
    """A line with branches: how many of its directions were taken."""
    if not directions:
        return None
    normal, total = sum(1 for way in directions if way[0]), len(directions)
    swept = sum(1 for way in directions if any(way))
    mark = "normal" if normal == total else "swept" if swept == total else "never"
    title = f"{normal} of {total} directions taken in the normal run, {swept} of {total} in the sweep"
    return {"mark": mark, "text": f"{swept}/{total}", "title": title}


def shares(lines: dict[str, list[int]]) -> View:
    """How many lines ran: in the normal run, only in the sweep, never."""
    normal = sum(1 for hits in lines.values() if hits[0])
    swept = sum(1 for hits in lines.values() if hits[1] and not hits[0])
    total = len(lines)
    return {"normal": normal, "swept": swept, "never": total - normal - swept, "total": total,
            "percent": percent(normal + swept, total)}  # fmt: skip
