"""/proc/slabinfo: all caches, the newest first; merged ones once, under the name of the oldest.

The kernel's own caches are listed with their geometry; only those that something here has used have objects.
Linux: mm/slab_common.c, cache_show(); mm/slub.c, get_slabinfo(), 6.1
"""

from collections.abc import Iterator

from runtime.mm.slab_cache import Cache
from runtime.mm.slab_create import SlabCreate

_HEADER = (
    "slabinfo - version: 2.1\n"
    "# name            <active_objs> <num_objs> <objsize> <objperslab> <pagesperslab>"
    " : tunables <limit> <batchcount> <sharedfactor> : slabdata <active_slabs> <num_slabs> <sharedavail>\n"
)


def every_cache(slabs: SlabCreate) -> Iterator[Cache]:
    """Every cache that exists, the newest first."""
    own = slabs.kmem_cache
    made = [cache for cache in slabs.made.values() if cache is not own and cache.lender is None]
    yield from reversed([cache for cache in made if cache.name not in slabs.boot])
    for name in reversed(slabs.boot_caches.names):
        yield slabs.boot.get(name) or slabs.boot_caches.make(name)
    columns = range(1, slabs.top_index + 1)
    for kind in (slabs.DMA, slabs.RECLAIM, slabs.CGROUP, slabs.NORMAL):
        row = [slabs.kcaches[kind][index] or slabs.kmalloc_cache(kind, index) for index in columns]
        yield from sorted(row, key=lambda cache: -cache.object_size)
    # Objects that the slab allocator describes slabs with: none are needed here.
    yield slabs.boot_cache("kmem_cache_node", slabs.f.line, slabs.f.HWCACHE_ALIGN)
    yield own


def slabinfo(slabs: SlabCreate) -> str:
    """The file's text."""
    return _HEADER + "".join(map(_line, every_cache(slabs)))


def _line(cache: Cache) -> str:
    number = len(cache.slabs)
    return (
        f"{cache.name:<17s} {cache.active:6d} {cache.count:6d} {cache.size:6d} {cache.objects:4d} {1 << cache.order:4d}"
        f" : tunables {0:4d} {0:4d} {0:4d} : slabdata {number:6d} {number:6d} {0:6d}\n"
    )
