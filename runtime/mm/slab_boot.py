"""The kernel's own caches: which of them exist, after they were merged with each other, and which a module may share.

With the default command line the table says what was merged. With slub_debug or slub_nomerge some or all stay apart:
then the merging is repeated by its rule. Nothing of this happens before the first kmem_cache_create() or reading of
/proc/slabinfo.

Linux: mm/slab_common.c, find_mergeable(), 6.1
"""

from typing import TYPE_CHECKING

from runtime.mm.boot_caches import CACHES
from runtime.mm.slab_cache import Cache
from runtime.units import Virt

if TYPE_CHECKING:
    from runtime.mm.slab_create import SlabCreate

Row = tuple[str, int, int, int, bool, int, int, str, bool]
_FIRST_REAL_CODE = 1  # a constructor of the kernel's: it exists, but never runs here


class BootCaches:
    """names: caches that exist, oldest first. into: alias -> the cache that it was merged into."""

    def __init__(self, slabs: "SlabCreate") -> None:
        self.slabs = slabs
        self.rows: dict[str, Row] = {row[0]: row for row in CACHES}
        options = slabs.debug_options
        if slabs.nomerge:
            self.into: dict[str, str] = {}
        elif options.everywhere or options.blocks:
            self.into = merge(slabs)
        else:
            self.into = {row[0]: row[7] for row in CACHES if row[7]}
        self.names = [name for name in self.rows if name not in self.into]
        self._aliases: dict[str, list[str]] = {}
        for alias, name in self.into.items():
            self._aliases.setdefault(name, []).append(alias)
        self._found: dict[tuple[int, int, int], str | None] = {}
        self._candidates = (
            [] if slabs.nomerge else [c for name in self.names if (c := candidate(slabs, self.rows[name]))]
        )

    def find(self, size: int, align: int, same: int) -> str | None:
        """Name of the oldest cache that has room for size bytes, not more than a word too much, in this alignment and
        of these flags.
        """
        key = size, align, same
        if key not in self._found:
            fit = (c[0] for c in self._candidates if size <= c[1] < size + 8 and not c[1] & align - 1 and c[2] == same)
            self._found[key] = next(fit, None)
        return self._found[key]

    def in_use(self, name: str) -> bool:
        """Has the kernel objects of its own in this cache, from boot on?"""
        return self.rows[name][8]

    def make(self, name: str, address: Virt = 0) -> Cache:
        """The cache of this name, with the aliases that it has from boot on."""
        _, object_size, align, flags, ctor, useroffset, usersize, _, _ = self.rows[name]
        aliases = self._aliases.get(name, ())
        cache = self.slabs.make(
            name, object_size, align, flags, _FIRST_REAL_CODE if ctor else 0,
            address=address, useroffset=useroffset, usersize=usersize, refcount=1 + len(aliases),
        )  # fmt: skip
        for alias in aliases:
            cache.grow(self.rows[alias][1])
        return cache


def candidate(slabs: "SlabCreate", row: Row) -> tuple[str, int, int] | None:
    """(name, distance of objects, flags that must be equal) of a cache that others may share; None for one that nobody
    may.
    """
    name, object_size, align, flags, ctor, _, usersize, _, _ = row
    flags = slabs.debug_options.apply(flags, name)
    if ctor or usersize or flags & slabs.f.NEVER_MERGE:
        return None
    return name, (object_size + 7 & ~7) + align - 1 & -align, flags & slabs.f.MERGE_SAME


def merge(slabs: "SlabCreate") -> dict[str, str]:
    """What is merged into what, by the rule."""
    into: dict[str, str] = {}
    existing: list[tuple[str, int, int]] = []
    for row in CACHES:
        own = candidate(slabs, row)
        if own is None:
            continue
        name, size, same = own
        align = row[2]
        target = next((n for n, s, f in existing if size <= s < size + 8 and not s & align - 1 and f == same), None)
        if target:
            into[name] = target
        else:
            existing.append(own)
    return into
