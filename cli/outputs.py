"""Where the result of a sweep goes: the report on stdout, and files in the formats that other programs read."""

import sys
from argparse import Namespace
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any, TextIO

from runtime.errors import Usage
from runtime.report.sources import Sources
from runtime.report.style import Style

Result = dict[str, Any]
STDOUT = "-"
# Option -> the function that makes the text of its file, from the results and the sources.
WRITERS = {
    "json": "cli.outputs:as_json",
    "junit": "runtime.report.junit:junit",
    "sarif": "runtime.report.sarif:sarif",
    "html": "runtime.report.html:html",
    "coverage": "runtime.report.lcov:lcov",
}


class Outputs:
    """The files that the options name. Raises: Usage where one cannot be, before anything takes time."""

    def __init__(self, args: Namespace) -> None:
        self.files = {kind: name for kind in WRITERS if (name := getattr(args, kind))}
        self.sources = Sources([Path(name).parent for name in args.modules])
        if list(self.files.values()).count(STDOUT) > 1:
            raise Usage("only one report can be on stdout")
        for name in self.files.values():
            if name != STDOUT and (Path(name).is_dir() or not Path(name).parent.is_dir()):
                raise Usage(f"{name}: " + ("is a directory" if Path(name).is_dir() else "there is no such directory"))

    def write(self, results: list[Result]) -> None:
        """Write all files, and the report on stdout unless one of them goes there."""
        for kind, name in self.files.items():
            text = writer(kind)(results, self.sources)
            if name == STDOUT:
                print(text, end="" if text.endswith("\n") else "\n")
            else:
                Path(name).write_text(text, encoding="utf-8")
        if STDOUT not in self.files.values():
            self.print_report(results, sys.stdout)

    def print_report(self, results: list[Result], stream: TextIO) -> None:
        from runtime.report.text import sweep_lines
        style = Style(stream)
        for at, result in enumerate(results):
            if len(results) > 1:
                print("\n" * bool(at) + style.title(f"==> {name_of(result)} <=="), file=stream)
            for line in sweep_lines(result, self.sources, style):
                print(line, file=stream)


def writer(kind: str) -> Callable[[list[Result], Sources], str]:
    """The function that makes a report's text."""
    module, _, function = WRITERS[kind].partition(":")
    found: Callable[[list[Result], Sources], str] = getattr(import_module(module), function)
    return found


def as_json(results: list[Result], sources: Sources) -> str:
    """One object: the result of the sweep, or with several those of all."""
    import json
    return json.dumps(results[0] if len(results) == 1 else {"version": 1, "sweeps": results}, indent=2) + "\n"


def name_of(result: Result) -> str:
    """What was swept: `foo`, `bar, foo`."""
    return ", ".join(module["name"] for module in result["modules"])
