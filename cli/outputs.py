"""Where the results of sweeps go: the report on stdout, and files in the formats that other programs read."""

import json
import sys
from argparse import Namespace
from collections.abc import Callable
from pathlib import Path
from typing import Any, TextIO

from runtime.errors import Usage
from runtime.report.sources import Sources
from runtime.report.style import Style

Result = dict[str, Any]
STDOUT = "-"


class Outputs:
    """The files that the options name. Raises: Usage where one cannot be, before anything takes time."""

    def __init__(self, args: Namespace) -> None:
        self.files = {kind: name for kind in WRITERS if (name := getattr(args, kind))}
        self.sources = Sources([Path(name).parent for name in args.modules])
        if list(self.files.values()).count(STDOUT) > 1:
            raise Usage("only one report can be on stdout")
        if args.each and args.html == STDOUT:
            raise Usage("--html - and --each: there is a file for each module")
        for name in self.files.values():
            if name != STDOUT and (Path(name).is_dir() or not Path(name).parent.is_dir()):
                raise Usage(f"{name}: " + ("is a directory" if Path(name).is_dir() else "there is no such directory"))

    def write(self, results: list[Result]) -> None:
        """Write all files, and the report on stdout unless one of them goes there."""
        for kind, name in self.files.items():
            for ending, text in WRITERS[kind](results, self.sources):
                if name == STDOUT:
                    print(text, end="")
                else:
                    path = Path(name)
                    path.with_stem(path.stem + ending).write_text(text, encoding="utf-8")
        if STDOUT not in self.files.values():
            self.print_report(results, sys.stdout)

    def print_report(self, results: list[Result], stream: TextIO) -> None:
        """Print what a person reads; each of several sweeps under a heading."""
        from runtime.report.text import sweep_lines
        style = Style(stream)
        for at, result in enumerate(results):
            if len(results) > 1:
                print("\n" * bool(at) + style.title(f"==> {name_of(result)} <=="), file=stream)
            notes = (style.dim(f"note: {note}") for note in result["notes"])
            for line in (*sweep_lines(result, self.sources, style), *notes):
                print(line, file=stream)


Texts = list[tuple[str, str]]
"""What is added to the stem of the file's name, and the text of that file."""


def as_json(results: list[Result], sources: Sources) -> Texts:
    """The result; of several sweeps an object that holds them all."""
    whole = results[0] if len(results) == 1 else {"version": 1, "sweeps": results}
    return [("", json.dumps(whole, indent=2) + "\n")]


def as_junit(results: list[Result], sources: Sources) -> Texts:
    """One document with the test suites of all."""
    from xml.etree import ElementTree

    from runtime.report.junit import junit
    texts = [junit(result, sources) for result in results]
    if len(texts) == 1:
        return [("", texts[0])]
    roots = [ElementTree.fromstring(text.encode()) for text in texts]
    for root in roots[1:]:
        roots[0].extend(root)
    for key in ("tests", "failures", "errors"):
        roots[0].set(key, str(sum(int(root.get(key, "0")) for root in roots)))
    ElementTree.indent(roots[0])
    whole = ElementTree.tostring(roots[0], encoding="unicode")
    return [("", f'<?xml version="1.0" encoding="utf-8"?>\n{whole}\n')]


def as_sarif(results: list[Result], sources: Sources) -> Texts:
    """One log with a run for each; paths are relative to the directory that the command was started in."""
    from runtime.report.sarif import sarif
    logs = [json.loads(sarif(result, sources, Path.cwd())) for result in results]
    for log in logs[1:]:
        logs[0]["runs"] += log["runs"]
    return [("", json.dumps(logs[0], indent=2, ensure_ascii=False) + "\n")]


def as_html(results: list[Result], sources: Sources) -> Texts:
    """A page for each."""
    from runtime.report.html import html
    endings = [f"-{result['modules'][0]['name']}" for result in results] if len(results) > 1 else [""]
    return [(ending, html(result, sources)) for ending, result in zip(endings, results, strict=True)]


def as_lcov(results: list[Result], sources: Sources) -> Texts:
    """The records of all: lcov adds them up."""
    from runtime.coverage.lcov import lcov
    return [("", "".join(lcov(result) for result in results))]


WRITERS: dict[str, Callable[[list[Result], Sources], Texts]] = {
    "json": as_json, "junit": as_junit, "sarif": as_sarif, "html": as_html, "coverage": as_lcov,
}  # fmt: skip


def name_of(result: Result) -> str:
    """What was swept: `foo`, `bar, foo`."""
    return ", ".join(module["name"] for module in result["modules"])
