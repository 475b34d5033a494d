"""Where something fails: what is allocated or called, and from which place in the module."""

from collections.abc import Callable, Mapping
from typing import Any
from zlib import crc32

from runtime.inject.kinds import BY_NAME, Kind, called
from runtime.inject.point import KIND, STACK, WHAT, Point, Stack, Test, Witness
from runtime.inject.values import NAME, SITE, Form
from runtime.inject.values import STACK as STACK_ID

WORDS: dict[str, Form] = {"function": NAME, "site": SITE, "stack": STACK_ID}


class Where:
    """names: kinds and functions, of which any matches; none: everything does.

    function: in the module, that calls; also one that was inlined. site: (file, line), or line 0 for all of a file.
    stack: what stack_id() gives.
    """

    def __init__(self, names: tuple[str, ...], words: Mapping[str, Any]) -> None:
        self.kinds = [BY_NAME[name] for name in names if name in BY_NAME]
        self.functions = frozenset(name for name in names if name not in BY_NAME)
        self.function, self.site, self.stack = words.get("function"), words.get("site"), words.get("stack")

    def tests(self, witness: Witness) -> list[Test]:
        """What a fault point has to pass, the quick ones first."""
        tests: list[Test] = []
        if self.kinds and not self.functions:
            tests.append(_of_kind(self.kinds))
        elif self.functions:
            tests.append(self._named(witness))
        if self.stack is not None:
            tests.append(_from_stack(self.stack, witness))
        if self.function is not None:
            tests.append(_at(witness, _in_function(self.function)))
        if self.site is not None:
            tests.append(_at(witness, _on_line(*self.site)))
        return tests

    def _named(self, witness: Witness) -> Test:
        fits, functions = _of_kind(self.kinds), self.functions

        def test(point: Point) -> bool:
            if fits(point):
                return True
            name = witness.function(point[STACK])
            return name in functions or called(name) in functions

        return test


def _of_kind(kinds: list[Kind]) -> Test:
    if len(kinds) != 1:
        tests = [_of_kind([kind]) for kind in kinds]
        return lambda point: any(test(point) for test in tests)
    asked, caches = kinds[0].asked, kinds[0].caches
    if not caches:
        return lambda point: point[KIND] == asked
    return lambda point: point[KIND] == asked and (not point[WHAT] or point[WHAT].startswith(caches))


Fits = Callable[[dict[str, Any]], bool]


def _in_function(name: str) -> Fits:
    return lambda frame: frame["symbol"] == name


def _on_line(file: str, line: int) -> Fits:
    def fits(frame: dict[str, Any]) -> bool:
        path = frame["file"] or ""
        return (path == file or path.endswith("/" + file)) and line in (0, frame["line"])

    return fits


def _at(witness: Witness, fits: Fits) -> Test:
    """Does one of the frames at the call fit: its own, or one of those that were inlined there?"""
    return lambda point: any(map(fits, witness.frames(point[STACK][0])))


def _from_stack(wanted: int, witness: Witness) -> Test:
    return lambda point: stack_id(called(witness.function(point[STACK])), point[STACK], witness) == wanted


def stack_id(function: str, stack: Stack, witness: Witness) -> int:
    """A number of 32 bits for a kernel function and its callers: the same wherever the modules lie."""
    return crc32("\n".join([function, *map(witness.symbol, stack)]).encode())
