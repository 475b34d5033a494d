"""Coverage as an lcov tracefile, which genhtml, editors and code hosts read.

A count is the number of phases in which a line ran: 1 or 2 of the normal run and the sweep. A branch of a jump that has
never run is `-`.
"""

from collections.abc import Iterator
from typing import Any


def lcov(result: dict[str, Any]) -> str:
    """The coverage of a result (of a sweep, or {"coverage": Machine.coverage()}); "" where it has none."""
    coverage = result["coverage"]
    return "".join(f"{line}\n" for line in _records(coverage)) if coverage else ""


def _records(coverage: dict[str, Any]) -> Iterator[str]:
    for file, lines in coverage["lines"].items():
        yield "TN:"
        yield f"SF:{file}"
        yield from _functions(coverage["functions"].get(file, {}))
        yield from _branches(coverage["branches"].get(file, {}))
        yield from _lines(lines)
        yield "end_of_record"


def _functions(functions: dict[str, list[int]]) -> Iterator[str]:
    yield from (f"FN:{row[0]},{name}" for name, row in functions.items())
    yield from (f"FNDA:{sum(row[1:])},{name}" for name, row in functions.items())
    yield f"FNF:{len(functions)}"
    yield f"FNH:{sum(any(row[1:]) for row in functions.values())}"


def _branches(branches: dict[str, list[list[int]]]) -> Iterator[str]:
    """Each jump is a block of the line, with two branches."""
    taken = 0
    for line, ways in branches.items():
        for number in range(0, len(ways), 2):
            jump = ways[number : number + 2]
            ran = any(map(any, jump))
            for branch, way in enumerate(jump):
                yield f"BRDA:{line},{number // 2},{branch},{sum(way) if ran else '-'}"
                taken += any(way)
    yield f"BRF:{sum(map(len, branches.values()))}"
    yield f"BRH:{taken}"


def _lines(lines: dict[str, list[int]]) -> Iterator[str]:
    yield from (f"DA:{line},{sum(hits)}" for line, hits in lines.items())
    yield f"LF:{len(lines)}"
    yield f"LH:{sum(map(any, lines.values()))}"
