"""From blocks that ran to lines, branches and functions. A pure function of the modules' files and two sets of blocks.

A line has run when one of the instructions at which it begins has run (Source.statements); lines that the compiler gave
no instruction, or left in one that belongs to others as well, are not listed. An inlined function's lines count
wherever it was inlined. Each conditional jump of the code is two branches of its line, as it is for gcov: (jumps, falls
through). Which way a jump went was noted each time.
"""

from collections.abc import Mapping
from typing import Any

from runtime.coverage.missed import missed
from runtime.coverage.recording import Blocks
from runtime.coverage.source import Ran, Source

Pair = list[int]
"""[in the normal run, in the sweep], 0 or 1 each"""
Coverage = dict[str, Any]
"""lines: {file: {line: Pair}}; branches: {file: {line: [Pair, ...]}}; functions: {file: {name: [line, *Pair]}};
missed: see missed.py. Line numbers are text, as in JSON."""


def coverage(
    modules: Mapping[str, bytes], normal: Blocks, sweep: Blocks = frozenset(), headers: bool = False
) -> Coverage:
    """What ran of some modules, which are in the order of their labels.

    modules: of a Recording. headers: the lines that inlined functions of the kernel's headers have in the modules, too.
    A module without debug information has no lines.
    """
    result: Coverage = {"lines": {}, "branches": {}, "functions": {}}
    sources = []
    for label in sorted(modules):
        source = Source(label, modules[label])
        phases = [Ran(source, (block for block in blocks if block[0] == label)) for blocks in (normal, sweep)]
        _Module(source, phases, headers, result).add()
        sources.append((source, phases))
    ordered: Coverage = {kind: dict(sorted(files.items())) for kind, files in result.items()}
    return ordered | {"missed": missed(sources, ordered)}


class _Module:
    """Adds one module to the result."""

    def __init__(self, source: Source, phases: list[Ran], headers: bool, result: Coverage) -> None:
        self.source, self.phases, self.headers, self.result = source, phases, headers, result

    def _wanted(self, path: str) -> bool:
        return self.headers or self.source.is_own(path)

    def add(self) -> None:
        """Add lines, branches and functions."""
        self._lines()
        self._branches()
        self._functions()

    def _lines(self) -> None:
        found: dict[str, dict[int, Pair]] = {}
        for section, offset, (_, line, path) in self.source.statements:
            if self._wanted(path):
                hits = found.setdefault(path, {}).setdefault(line, [0, 0])
                for phase, ran in enumerate(self.phases):
                    hits[phase] |= ran.has(section, offset)
        for path, lines in found.items():
            _merge_lines(self.result["lines"].setdefault(path, {}), lines)

    def _branches(self) -> None:
        for jump, (_, line, path) in self.source.jumps:
            if self._wanted(path):
                lines = self.result["branches"].setdefault(path, {})
                ways = [ran.directions(jump) for ran in self.phases]
                lines.setdefault(str(line), []).extend([int(way[which]) for way in ways] for which in (0, 1))
        for path, lines in self.result["branches"].items():
            self.result["branches"][path] = dict(sorted(lines.items(), key=lambda item: int(item[0])))

    def _functions(self) -> None:
        bodies = sorted(self.source.functions.bodies, key=lambda body: body[1][1])
        for name, (_, line, path), (section, offset) in bodies:
            if self._wanted(path):
                hits = self.result["functions"].setdefault(path, {}).setdefault(name, [line, 0, 0])
                for phase, ran in enumerate(self.phases, 1):
                    hits[phase] |= ran.has(section, offset)


def _merge_lines(into: dict[str, Pair], lines: dict[int, Pair]) -> None:
    """Add the lines of a file, which may be part of several modules, in order."""
    merged = {int(line): hits for line, hits in into.items()}
    for line, (normal, sweep) in lines.items():
        old = merged.get(line, [0, 0])
        merged[line] = [old[0] | normal, old[1] | sweep]
    into.clear()
    into.update((str(line), merged[line]) for line in sorted(merged))
