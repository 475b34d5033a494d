"""For whom it fails: the module, the task, its context; the flags, size and cache of the allocation.

Linux: mm/failslab.c, __should_failslab(); mm/page_alloc.c, __should_fail_alloc_page(), 6.1
"""

from collections.abc import Mapping
from fnmatch import fnmatchcase
from typing import Any

from runtime.errors import Usage
from runtime.inject.kinds import CALL
from runtime.inject.point import GFP, KIND, SIZE, STACK, WHAT, Point, Test, Witness
from runtime.inject.values import FLAG, NAME, NAMES, NUMBER, SPAN, Form, choice
from runtime.units import PAGE_SIZE

ATOMIC, PROCESS, IRQ = "atomic", "process", "irq"
WORDS: dict[str, Form] = {
    "module": NAME, "task": NAME, "context": choice(ATOMIC, PROCESS, IRQ), "gfp": NAMES, "size": SPAN, "order": SPAN,
    "cache": NAME, "ignore-gfp-wait": FLAG, "ignore-gfp-highmem": FLAG, "min-order": NUMBER, "cache-filter": FLAG,
    "task-filter": FLAG,
}  # fmt: skip

# The flags that say how an allocation may get its memory. A name such as GFP_ATOMIC is a statement about all of them.
_MEANS = ("__GFP_HIGH", "__GFP_ATOMIC", "__GFP_IO", "__GFP_FS", "__GFP_DIRECT_RECLAIM", "__GFP_KSWAPD_RECLAIM")


class Who:
    """What is not given matches everything.

    module: the one whose code calls. context: atomic: sleeping is forbidden; irq: in a hard or soft interrupt; process:
    not there. gfp: names; see gfp_mask(). size: bytes, from and to. order: of pages, from and to; then only whole pages
    are meant. cache: a pattern; then only objects of such caches, or their creation.
    """

    def __init__(self, words: Mapping[str, Any]) -> None:
        self.words = words
        if words.get("cache-filter") and "cache" not in words:
            raise Usage("cache-filter=Y needs cache=NAME: which caches are marked")

    def tests(self, witness: Witness) -> list[Test]:
        """What a fault point has to pass, the quick ones first."""
        given = self.words
        tests = [*self._allocation(witness.const)]
        for word, make in (("context", _context), ("task", _task), ("module", _module), ("cache", _cache)):
            if word in given:
                tests.append(make(given[word], witness))
        if given.get("task-filter"):
            tests.append(_context(PROCESS, witness))
        return tests

    def _allocation(self, const: dict[str, int]) -> list[Test]:
        """The tests that look at the allocation alone."""
        given, tests = self.words, list[Test]()
        if "size" in given:
            low, high = given["size"]
            tests.append(lambda point: low <= point[SIZE] <= high and point[KIND] != CALL)
        if "order" in given:
            tests.append(_order(*given["order"]))
        if given.get("min-order"):
            tests.append(_min_order(given["min-order"]))
        if "gfp" in given:
            mask, wanted = gfp_mask(given["gfp"], const)
            tests.append(lambda point: point[GFP] & mask == wanted and point[KIND] != CALL)
        if given.get("ignore-gfp-wait"):
            wait = const["__GFP_DIRECT_RECLAIM"]
            tests.append(lambda point: not point[GFP] & wait)
        if given.get("ignore-gfp-highmem"):
            highmem = const["__GFP_HIGHMEM"]
            tests.append(lambda point: not point[GFP] & highmem)
        return tests


def gfp_mask(names: tuple[str, ...], const: dict[str, int]) -> tuple[int, int]:
    """(mask, value): an allocation is meant where gfp & mask == value.

    All bits of the names have to be set. A GFP_ name that says how memory may be got (GFP_KERNEL, GFP_ATOMIC, GFP_NOFS;
    not GFP_DMA) also excludes the other ways: GFP_NOFS does not match GFP_KERNEL, which has all of its bits.

    Raises: Usage for a name that does not exist.
    """
    value = exact = 0
    means = sum(const[name] for name in _MEANS)
    for name in names:
        if not name.lstrip("_").startswith("GFP_") or name not in const:
            raise Usage(f"gfp={'|'.join(names)}: there is no {name}; possible are GFP_KERNEL, GFP_ATOMIC, GFP_NOWAIT, "
                        "GFP_NOFS, GFP_NOIO, GFP_DMA, __GFP_ZERO and the like")
        value |= const[name]
        if name.startswith("GFP_") and const[name] & means:
            exact = means
    return value | exact, value


def _order(low: int, high: int) -> Test:
    def test(point: Point) -> bool:
        return point[KIND] == "page" and low <= (point[SIZE] // PAGE_SIZE).bit_length() - 1 <= high

    return test


def _min_order(least: int) -> Test:
    """As in Linux, a knob of page allocations: others are left to the other words."""
    return lambda point: point[KIND] != "page" or point[SIZE] >= PAGE_SIZE << least


def _context(wanted: str, witness: Witness) -> Test:
    if wanted == ATOMIC:
        return lambda _: witness.in_atomic()
    return lambda _: witness.in_interrupt() == (wanted == IRQ)


def _task(name: str, witness: Witness) -> Test:
    return lambda _: witness.task() == name


def _module(name: str, witness: Witness) -> Test:
    name = name.replace("-", "_")
    return lambda point: witness.module(point[STACK][0]) == name


def _cache(pattern: str, witness: Witness) -> Test:
    def test(point: Point) -> bool:
        cache = point[WHAT]
        return bool(cache) and (fnmatchcase(cache, pattern) or witness.shared(cache, pattern))

    return test
