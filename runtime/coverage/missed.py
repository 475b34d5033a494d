"""What never ran, in words: the function, its lines, and the failure that would have led there, where that is certain.

It is certain where the jump to the lines looks at what a call has returned, with nothing but copies in between, and the
function called is one that fails.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator
from typing import Any

from runtime.coverage.source import Ran, Source
from runtime.loader.jumps import Check

# Functions of the kernel whose NULL, or number other than 0, is a failure.
_FAILING = re.compile(r"alloc|create|dup|get_free_page|map|register|request|copy_|kstrto|_init|_add|_user", re.ASCII)
_MACROS = {"__alloc_percpu": "alloc_percpu"}  # what the source says is a macro

Line = tuple[str, int]
"""(path, line)"""


def missed(modules: list[tuple[Source, list[Ran]]], result: dict[str, Any]) -> list[dict[str, Any]]:
    """Give {file, line, last, function, why} for each range of own lines that no phase ran, in order.

    A failure that never happened and has no such lines is there with the line of its call.
    """
    failures = _Failures(modules)
    found = []
    for path, lines in result["lines"].items():
        if any(source.is_own(path) for source, _ in modules):
            for first, last, name, why in _ranges(path, lines, result["functions"].get(path, {}), failures):
                found.append({"file": path, "line": first, "last": last, "function": name, "why": why})
    for text, (path, line, name) in failures.unnamed():
        found.append({"file": path, "line": line, "last": line, "function": name, "why": f"the failure of {text}"})
    return sorted(found, key=lambda entry: (entry["file"], entry["line"], entry["why"]))


def _ranges(
    path: str, lines: dict[str, list[int]], functions: dict[str, list[int]], failures: "_Failures"
) -> Iterator[tuple[int, int, str, str]]:
    """Give (first line, last line, function, why) of lines that follow each other, in one function for one reason."""
    rows = sorted((row[0], name, any(row[1:])) for name, row in functions.items())
    starts = [row[0] for row in rows]
    first = last = 0
    now: tuple[str, str] | None = None
    for text, hits in lines.items():
        line = int(text)
        index = bisect_right(starts, line) - 1
        _, name, called = rows[index] if index >= 0 else (0, "", True)
        then = None if any(hits) else (name, failures.before(path, line) if called else "never called")
        if now is not None and then != now:
            yield first, last, *now
        first, last, now = first if then == now else line, line, then
    if now is not None:
        yield first, last, *now


class _Failures:
    """The failures that were looked for and never happened, by the lines that they would have led to."""

    def __init__(self, modules: list[tuple[Source, list[Ran]]]) -> None:
        self._calls: dict[str, tuple[str, int, str]] = {}  # text -> file, line and function of the call
        self._lines: dict[Line, list[str]] = {}
        self._named: set[str] = set()
        self._happened: set[str] = set()  # in another copy of an inlined function
        for source, phases in modules:
            self._collect(source, phases)

    def _collect(self, source: Source, phases: list[Ran]) -> None:
        statements: dict[tuple[int, int], list[Line]] = {}
        for section, offset, (_, line, path) in source.statements:
            statements.setdefault((section, offset), []).append((path, line))
        for jump, _ in source.jumps:
            check = jump.check
            if check is None or not any(any(ran.directions(jump)) for ran in phases):
                continue
            text = self._call(source, check)
            which = 0 if check.failed == jump.target else 1
            if any(ran.directions(jump)[which] for ran in phases):
                self._happened.add(text)
            for offset in source.code.straight(check.failed) if text else ():
                for place in statements.get((check.failed[0], offset), ()):
                    self._lines.setdefault(place, []).append(text)

    def _call(self, source: Source, check: Check) -> str:
        """`kmalloc at foo.c:42`, as the source says it: an inline function of a header by its name.

        Return: "" where it is not certain that it is a failure.
        """
        name = check.name
        if not name or not (_FAILING.search(name) or check.how in ("error pointer", "negative")):
            return ""
        for level, (file, line, path) in source.inlines.find(*check.call):
            if source.is_own(path):
                text = f"{_MACROS.get(name, name)} at {file.rpartition('/')[2]}:{line}"
                self._calls[text] = path, line, level
                return text
            name = level
        return ""

    def before(self, path: str, line: int) -> str:
        """Say why a line never ran."""
        texts = dict.fromkeys(text for text in self._lines.get((path, line), ()) if text not in self._happened)
        self._named |= texts.keys()
        return "the failure of " + " or of ".join(texts) if texts else "never reached"

    def unnamed(self) -> list[tuple[str, tuple[str, int, str]]]:
        """Give the failures that before() has not named: (text, (file, line, function) of the call)."""
        return [row for row in self._calls.items() if row[0] not in self._named | self._happened]
