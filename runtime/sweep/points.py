"""Fault points: where something may fail; and the plans that find them, and that make exactly one fail."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from runtime.sweep.course import Course

if TYPE_CHECKING:
    from runtime.kernel import Kernel

Stack = tuple[int, ...]
Site = tuple[str, str, Stack]
"""(kind, kernel function, call stack): fault points of equal site are one line of the report."""

# The kernel function for which an allocation is counted that a step of a longer call makes.
_USUAL = {"slab": "kmem_cache_alloc", "page": "alloc_pages", "vmalloc": "vmalloc", "percpu": "alloc_percpu",
          "cache": "kmem_cache_create"}  # fmt: skip


class Point(NamedTuple):
    """One call that may fail.

    nth: its number among all fault points of the run, from 1. trap: the number of the trap in which it is asked for.
    turn: its number among the fault points of that trap, from 1. step: index of the scenario's step.
    """

    nth: int
    trap: int
    turn: int
    site: Site
    what: str
    size: int
    gfp: int
    step: int


_point: Callable[[tuple[Any, ...]], Point] = partial(tuple.__new__, Point)  # without a function of its own


class Survey:
    """Lets everything succeed, and notes where it might fail.

    points: all of them with every_event, else the first of each site. hits: how often a site was reached. nth: number
    of the last fault point. after: the one that failed before.
    """

    def __init__(self, course: Course, every_event: bool = False, after: Point | None = None) -> None:
        self.course, self.every_event = course, every_event
        self.nth, self._trap, self._turn = (after.nth, after.trap, after.turn) if after is not None else (0, -1, 0)
        self.points: list[Point] = []
        self.hits: dict[Site, int] = {}
        k, self._traps = course.machine.kernel, course.machine.loop.traps
        self._r, self._stubs, self._nofail = k.cpu.r, k.symbols.by_virt, k.pages.gfp.NOFAIL

    def fails(self, kind: str, size: int, gfp: int, stack: Stack, what: str = "") -> bool:
        """Never."""
        if not stack or gfp & self._nofail:
            return False
        trap = self._traps[0]
        self._turn = self._turn + 1 if trap == self._trap else 1
        self._trap = trap
        self.nth += 1
        name, _ = self._stubs.get(self._r[16], ("", 0))
        if not name or name.startswith("kmodrun_"):
            name = _USUAL[kind]
        site = kind, name, stack
        hits = self.hits.get(site, 0)
        self.hits[site] = hits + 1
        if self.every_event or not hits:
            step = len(self.course.results)
            self.points.append(_point((self.nth, trap, self._turn, site, what, size, gfp, step)))
        return False

    def refuses(self, function: str, values: tuple[int, ...], stack: Stack) -> int | None:
        """Never."""
        self.fails("call", 0, 0, stack)
        return None


class FailAt:
    """Makes fault points of one trap fail, by their turns, rising; after the last of them, `after` is the plan."""

    def __init__(self, k: "Kernel", turns: list[int], after: Survey | None) -> None:
        self.k, self.turns, self.after, self.turn = k, turns, after, 0

    def fails(self, kind: str, size: int, gfp: int, stack: Stack, what: str = "", value: int = 0) -> bool:
        """Is it one of them? value: what the call returns then."""
        if not stack or gfp & self.k.pages.gfp.NOFAIL:
            return False
        self.turn += 1
        if self.turn not in self.turns:
            return False
        if self.turn == self.turns[-1]:
            self.k.mm.plan = self.after
        self.k.check.made_fail(value, self.k.cpu.r[16], stack)
        return True

    def refuses(self, function: str, values: tuple[int, ...], stack: Stack) -> int | None:
        """Is it one of them? It returns the usual value."""
        return values[0] if self.fails("call", 0, 0, stack, value=values[0]) else None
