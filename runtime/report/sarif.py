"""The result as SARIF 2.1.0, which code scanning services and editors show at the lines of the source.

One rule for each kind of finding, one result for each finding: at the line that it is about, with the other lines that
matter beside it, its stacks, and the way from the first of them to the last as a code flow.
"""

import json
from collections import Counter
from hashlib import sha256
from pathlib import Path, PurePath
from typing import Any
from urllib.parse import quote

from runtime.report.kinds import Kind, kind_of
from runtime.report.result import (
    Finding,
    Frame,
    Result,
    about,
    called,
    meeting,
    own_frame,
    place,
    replay,
    scenario_name,
    whole,
)
from runtime.report.sources import Sources
from runtime.report.words import frame_name, sentence, stack_titles

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
ROOT = "SRCROOT"
_LEVELS = {"warn": "warning"}
_TAKEN = {"freed": "is freed here", "allocated": "is allocated here", "failed": "fails here", "at": "happens here"}
_Json = dict[str, Any]


def sarif(result: Result, sources: Sources, root: Path | None = None, command: str = "") -> str:
    """The JSON document. root: paths below it are given relative to it. command: the command line, for the record."""
    return json.dumps(_Writer(whole(result), sources, root).log(command), indent=2, ensure_ascii=False) + "\n"


class _Writer:
    """Turns the parts of one result into objects of SARIF."""

    def __init__(self, result: Result, sources: Sources, root: Path | None) -> None:
        self.result, self.sources, self.root = result, sources, root
        self.kinds = sorted({finding["kind"] for finding in result["findings"]})
        self.prints: Counter[str] = Counter()

    def log(self, command: str) -> _Json:
        """The whole document: one run."""
        rules = [_rule(kind) for kind in self.kinds]
        run: _Json = {
            "tool": {"driver": {"name": "kmodrun", "version": _version(), "rules": rules}},
            "columnKind": "unicodeCodePoints",
            "invocations": [self.invocation(command)],
            "results": [self.finding(finding) for finding in self.result["findings"]],
        }
        if self.root is not None:
            run["originalUriBaseIds"] = {ROOT: {"uri": self.root.resolve().as_uri().rstrip("/") + "/"}}
        return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}

    def invocation(self, command: str) -> _Json:
        """What was run, and what could not be: gaps are notifications, since they are no fault of the module's."""
        gaps = [_notification("warning", f"unsupported: {gap}") for gap in self.result["unsupported"]]
        notes = [_notification("note", note) for note in self.result["notes"]]
        whole_run = not gaps and not self.result.get("interrupted")
        made: _Json = {"executionSuccessful": whole_run, "toolExecutionNotifications": gaps + notes}
        return {"commandLine": command, **made} if command else made

    def finding(self, finding: Finding) -> _Json:
        """One result."""
        text = sentence(self.result, finding)
        command = replay(self.result, finding)
        frame = place(finding)
        made: _Json = {
            "ruleId": finding["kind"],
            "ruleIndex": self.kinds.index(finding["kind"]),
            "level": _LEVELS.get(finding["kind"], "error"),
            "message": {"text": text + (f"\nReplay with: {command}" if command else "")},
            "locations": [self.location(frame)] if frame is not None else [],
            "relatedLocations": self.related(finding),
            "stacks": [self.stack(finding[key], title) for key, title in stack_titles(finding) if finding.get(key)],
            "partialFingerprints": {"kmodrunCause/v1": self.fingerprint(finding, frame)},
            "properties": {"module": finding["module"], "replay": command,
                           "scenarios": [scenario_name(self.result, each) for each in meeting(self.result, finding)]},
        }  # fmt: skip
        flow = self.flow(finding)
        if flow:
            made["codeFlows"] = [{"threadFlows": [{"locations": flow}]}]
        return made

    def related(self, finding: Finding) -> list[_Json]:
        """Where the object was allocated and freed, and what was made to fail."""
        made: list[_Json] = []
        for key, _ in stack_titles(finding):
            frame = own_frame(finding.get(key) or ())
            if frame is not None and key != about(finding):
                made.append({"id": len(made), **self.location(frame), "message": {"text": self.told(finding, key)}})
        return made

    def told(self, finding: Finding, key: str) -> str:
        """`the object is allocated here`, `kmalloc fails here`."""
        subject = "it" if key == "at" else "the object"
        if key == "failed":
            met = meeting(self.result, finding)
            failed = [index for scenario in met[:1] for index in scenario["fails"]]
            subject = called(self.result["sites"][failed[-1]]) if failed else "the call"
        return f"{subject} {_TAKEN[key]}"

    def stack(self, frames: list[Frame], title: str) -> _Json:
        """A call stack, innermost first."""
        return {"message": {"text": title}, "frames": [self.frame(frame) for frame in frames]}

    def frame(self, frame: Frame) -> _Json:
        module = {"module": frame["module"]} if frame.get("module") else {}
        return {"location": {**self.location(frame), "message": {"text": frame_name(frame)}}, **module}

    def flow(self, finding: Finding) -> list[_Json]:
        """The places in the order in which they were passed, callers before what they call; none for a single place."""
        order = [key for key in ("allocated", "failed", "freed", "at") if own_frame(finding.get(key) or ())]
        passed = [(key, frame) for key in order for frame in reversed(finding[key]) if frame.get("file")]
        if len(passed) < 2:
            return []
        return [{"location": {**self.location(frame), "message": {"text": self.step(finding, key, frame)}}}
                for key, frame in passed]  # fmt: skip

    def step(self, finding: Finding, key: str, frame: Frame) -> str:
        """What happens at one place on the way: the calls that lead to an event are told by their function."""
        return self.told(finding, key) if frame is own_frame(finding[key]) else f"in {frame_name(frame)}"

    def location(self, frame: Frame) -> _Json:
        """A place: file and line where they are known, and the function."""
        full = f"{frame['module']}:{frame['symbol']}" if frame.get("module") else frame["symbol"]
        logical = {"name": frame["symbol"], "kind": "function", "fullyQualifiedName": full}
        made: _Json = {"logicalLocations": [logical]}
        if frame.get("file"):
            region: _Json = {"startLine": max(1, frame["line"])}
            source = self.sources.line(frame["file"], frame["line"])
            if source:
                region["snippet"] = {"text": source}
            made["physicalLocation"] = {"artifactLocation": self.artifact(frame["file"]), "region": region}
        return made

    def artifact(self, file: str) -> _Json:
        """The file as a URI: relative to the root where it lies below it."""
        path = PurePath(file)
        if self.root is not None:
            base = self.root.resolve()
            if path.is_relative_to(base):
                return {"uri": quote(path.relative_to(base).as_posix()), "uriBaseId": ROOT}
            if not path.is_absolute():
                return {"uri": quote(path.as_posix()), "uriBaseId": ROOT}
        return {"uri": path.as_uri() if path.is_absolute() else quote(path.as_posix())}

    def fingerprint(self, finding: Finding, frame: Frame | None) -> str:
        """Stays as it is when lines are inserted elsewhere: names of functions and the text of the line, no numbers."""
        parts = [finding["kind"], finding["module"]]
        for key, _ in stack_titles(finding):
            parts += [key, *(each["symbol"] for each in finding.get(key) or () if each.get("module"))]
        if frame is not None and frame.get("file"):
            parts += [PurePath(frame["file"]).name, self.sources.line(frame["file"], frame["line"])]
        digest = sha256("\0".join(parts).encode()).hexdigest()[:32]
        self.prints[digest] += 1
        return f"{digest}:{self.prints[digest]}"


def _notification(level: str, text: str) -> _Json:
    return {"level": level, "message": {"text": text}}


def _rule(name: str) -> _Json:
    """A kind of finding, with what it means and what to do about it."""
    kind = kind_of(name)
    text = " ".join(part for part in (kind.meaning, kind.advice) if part) or kind.title
    return {
        "id": name,
        "name": name.title().replace("-", ""),
        "shortDescription": {"text": kind.title},
        "fullDescription": {"text": kind.meaning or kind.title},
        "help": {"text": text, "markdown": _markdown(kind)},
        "defaultConfiguration": {"level": _LEVELS.get(name, "error")},
        "properties": {"tags": ["linux", "kernel-module", *([f"external/cwe/cwe-{kind.cwe}"] if kind.cwe else [])]},
    }


def _markdown(kind: Kind) -> str:
    parts = [f"**{kind.title}**", kind.meaning, f"*What to do:* {kind.advice}" if kind.advice else ""]
    return "\n\n".join(part for part in parts if part)


def _version() -> str:
    from importlib.metadata import PackageNotFoundError, version
    try:
        return version("kmodrun")
    except PackageNotFoundError:
        return "0"
