"""The slab allocator as modules call it: kmem_cache_alloc() and its relatives, by the address of struct kmem_cache.

The layers below: slab_core.py (objects and slabs), slab_debug.py, kmalloc.py, slab_caches.py, slab_create.py.
"""

from runtime.mm.slab_cache import Cache
from runtime.mm.slab_core import CONSTRUCT, Record
from runtime.mm.slab_create import SlabCreate
from runtime.undo import put_key
from runtime.units import Virt

__all__ = ["CONSTRUCT", "SlabAllocator"]


class SlabAllocator(SlabCreate):
    """k.slab: all that kapi's slab.h calls."""

    def kmem_cache_alloc(self, address: Virt, gfp: int) -> Virt:
        """Allocate an object of a cache. Return: 0 on scarcity; CONSTRUCT, as alloc()."""
        cache = self.made.get(address) or self.cache_at(address)
        if cache is None:
            return self.no_cache(address, "kmem_cache_alloc()", "object_size")
        return self.alloc(cache, gfp, cache.object_size)

    def kmalloc_trace(self, address: Virt, gfp: int, size: int) -> Virt:
        """kmalloc() of a constant size, for which the module has looked up the cache itself."""
        cache = self.made_for_kmalloc.get(address) or self.cache_at(address)
        if cache is None:
            return self.no_cache(address, "kmalloc_trace()")
        return self.alloc(cache, gfp, size)

    def kmem_cache_free(self, address: Virt, objp: Virt) -> None:
        """Free an object of a cache.

        Finding: double-free, invalid-free; mismatched-free for an object of another cache, which Linux WARNs about and
        frees there.
        """
        live, wanted = self.live, self.made.get(address)
        record = live.get(objp)
        if record is not None and wanted is not None and record[0] is wanted:
            self._pop_book(live, objp)
            self._noted((put_key, live, objp, record))
            self.free(wanted, objp, record)
        else:
            self._free_otherwise(address, objp, record)

    def _free_otherwise(self, address: Virt, objp: Virt, record: Record | None) -> None:
        wanted = self.cache_at(address)
        if record is None or record[0] is None:
            if wanted is None:
                self.ctx.mem.u64(address)
            self._free_not_an_object(objp, record, wanted)
            return
        cache = record[0]
        if cache is not wanted:
            if wanted is None:
                # Linux reads the name of what it takes for a cache: this faults on NULL and garbage.
                self.ctx.mem.u64(address + self.ctx.abi.offset("kmem_cache", "name") & 0xFFFFFFFFFFFFFFFF)
            name = wanted.name if wanted else f"{address:#x}"
            what = f"kmem_cache_free() to {name} of an object of {cache.name}"
            self.ctx.finding("mismatched-free", what, address=objp, size=cache.object_size, allocated=record[3])
            text = f"cache_from_obj: Wrong slab cache. {name} but object is from {cache.name}"
            self.ctx.warn("cache_from_obj", "mm/slab.h", 665, text)
        del self.live[objp]
        self.free(cache, objp, record)

    def _free_not_an_object(self, objp: Virt, record: object, wanted: Cache | None) -> None:
        if record is None:
            self.odd_free(objp, wanted)
            return
        what = "kmem_cache_free() of memory that kmalloc() took from the page allocator"
        self.ctx.finding("mismatched-free", what, address=objp)
        self.ctx.warn_once("cache_from_obj", "mm/slab.h", 630, "virt_to_cache: Object is not a Slab page!")

    def check(self) -> None:
        """Raises AssertionError where an object is in two places, or struct page says something else than the lists."""
        for cache in self.used_caches():
            self._check_cache(cache)

    def _check_cache(self, cache: Cache) -> None:
        for slab in cache.slabs.values():
            on_cpu = [cpu for cpu in range(self.ctx.nr_cpus) if cache.cpu_slab[cpu][0] == slab.base]
            free = slab.free + [objp for cpu in on_cpu for objp in cache.cpu_free[cpu]]
            assert len(free) == len(set(free)) and all(objp in slab for objp in free), f"free list of {cache} is wrong"
            assert not any(objp in self.live for objp in free), f"a live object of {cache} is on a free list"
            at = self.pa.pages.at(slab.pfn)
            word = self.ram.u32[at + self.counters_at >> 2]
            assert word & 0xFFFF == slab.objects - len(slab.free), f"struct page of {cache}: inuse"
            assert word >> 16 & 0x7FFF == slab.objects, f"struct page of {cache}: objects"
            owned = bool(on_cpu) or any(slab in partial for partial in cache.cpu_partial)
            assert word >> 31 == owned or slab in cache.partial or not slab.free, f"struct page of {cache}: frozen"
            assert self.pa.pages.page_flags(slab.pfn) & self.pa.pages.PG_slab
        assert len(set(map(id, cache.partial))) == len(cache.partial)
