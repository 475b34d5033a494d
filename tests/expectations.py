"""What is to be found in a module of modules/: written beside it, and read here for all tests.

A comment at the end of a line of NAME.c says what is found there; sources that are kept as they are have NAME.expected
beside their log, with the same words and the text of the line:

    kfree(word);        /* finds: invalid-free */
    warn at ptr = kmalloc(i, GFP_KERNEL);

A finding is `KIND`, `KIND, HOW`, `KIND, when FUNCTION fails` or `KIND, HOW, when FUNCTION fails`; several are joined by
`; `. HOW is

    run       only in a plain run: a checked one finds something better, which stands beside it
    checked   only where memory is fenced (kmodrun run --check, kmodrun sweep)
    right     only where what is behind objects is fenced
    left      only where what is before objects is fenced
    filled    only by a run with other contents of memory that nobody has defined

FUNCTION is what the line that has to fail calls; `fails again`: not its first call, which a sweep tries, but a later
one, which a sweep tries with --all.
"""

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

from runtime.check.findings import KINDS
from runtime.report.result import place, where

MODES = ("run", "right", "left")
HOWS = (*MODES, "checked", "filled")
_MARK = re.compile(r"/\* finds: (.*?) \*/")


class Expected(NamedTuple):
    """A finding that is to come. where: `foo.c:42`. how: "" in every run. failing: the function that has to fail, ""
    for none; again: but not in its first call.
    """

    kind: str
    where: str
    how: str = ""
    failing: str = ""
    again: bool = False

    def comes(self, mode: str) -> bool:
        """Does it come in a run of this mode: run, right, left? Other contents of memory are tried with right."""
        modes = {"": MODES, "checked": ("right", "left"), "filled": ("right",)}
        return mode in modes.get(self.how, (self.how,))


def of_modules(sources: Iterable[Path]) -> list[Expected]:
    """What is to be found in some files. Raises: ValueError for words that mean nothing."""
    return [each for source in sources for each in of_source(source)]


def of_source(source: Path) -> list[Expected]:
    """What is to be found in NAME.c, by line."""
    lines = source.read_text().splitlines()
    marks = [(_MARK.search(line), f"{source.name}:{number}") for number, line in enumerate(lines, 1)]
    found = [each for mark, where in marks if mark for each in parse(mark[1], where)]
    beside = source.with_suffix(".expected")
    for row in beside.read_text().splitlines() if beside.exists() else ():
        words, _, text = row.partition(" at ")
        numbers = [number for number, line in enumerate(lines, 1) if line.strip() == text]
        if len(numbers) != 1:
            raise ValueError(f"{beside}: {len(numbers)} lines are '{text}'")
        found += parse(words, f"{source.name}:{numbers[0]}")
    return found


def parse(words: str, where: str) -> list[Expected]:
    """The findings that a comment names."""
    return [_one(each, where) for each in words.split("; ")]


def _one(words: str, where: str) -> Expected:
    kind, *more = words.split(", ")
    how, failing, again = "", "", False
    for word in more:
        when = re.fullmatch(r"when (\w+) fails( again)?", word)
        if when:
            failing, again = when[1], bool(when[2])
        elif word in HOWS:
            how = word
        else:
            raise ValueError(f"{where}: '{word}' says nothing about a finding")
    if kind not in KINDS:
        raise ValueError(f"{where}: there is no finding of kind '{kind}'")
    return Expected(kind, where, how, failing, again)


def wanted(expected: Iterable[Expected], mode: str, sweep: bool = False) -> set[str]:
    """What a run of that mode finds, or its sweep: `leak foo.c:42`."""
    return {f"{each.kind} {each.where}" for each in expected if each.comes(mode) and (sweep or not each.failing)}


def found(findings: Iterable[dict[str, Any]]) -> set[str]:
    """The same of findings as --json has them."""
    return {f"{finding['kind']} {where(place(finding))}" for finding in findings}
