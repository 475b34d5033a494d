"""Caches with fences are never merged: each has an address of its own; so an object freed to the wrong one is seen.

What Linux would have merged with one of the kernel's own caches takes its shadows from that one, as it would there:
the slabs are what they are without fences. Where Linux would not notice what is left in a cache that is destroyed, the
log says nothing, either.
"""

from runtime.mm.context import Context
from runtime.mm.page_alloc import PageAllocator
from runtime.mm.slab import SlabAllocator
from runtime.mm.slab_cache import Cache, Slab
from runtime.mm.slab_core import SlabCore
from runtime.units import Virt


class FencedCaches(SlabAllocator):
    """kmem_cache_create() and kmem_cache_destroy() of a machine with fences."""

    _merged: Cache | str | None = None  # what Linux would have merged the cache with that is being created

    def __init__(self, ctx: Context, pages: PageAllocator) -> None:
        super().__init__(ctx, pages)
        self.shared: dict[Virt, bool] = ctx.undo.dict()  # caches that Linux would have merged with another module's

    def create(
        self, name: str, size: int, align: int, flags: int, ctor: int, useroffset: int = 0, usersize: int = 0
    ) -> Virt:
        """As unfenced, never merged."""
        self._merged = None
        address = super().create(name, size, align, flags, ctor, useroffset, usersize)
        if address and isinstance(self._merged, Cache):
            self.shared[address] = self.shared[self._merged.address] = True
        return address

    def find_mergeable(self, name: str, size: int, align: int, flags: int, ctor: int) -> Cache | None:
        """None, but what Linux would have found is noted."""
        self._merged = super().find_mergeable(name, size, align, flags, ctor)
        return None

    def _fits(self, size: int, align: int, flags: int, ctor: int) -> bool:
        return self._merged is not None or super()._fits(size, align, flags, ctor)

    def _create(
        self, name: str, size: int, align: int, flags: int, ctor: int, useroffset: int, usersize: int
    ) -> Cache | None:
        lender = self.own(self._merged) if isinstance(self._merged, str) else None
        cache = super()._create(name, size, align, flags, ctor, useroffset, usersize)
        if cache is not None and cache.lender is not lender and lender is not None:
            cache.borrow(lender)
        return cache

    def take_struct(self, length: int) -> tuple[Virt, Virt]:
        """As unfenced; Linux has no copy of the name of what it merges: that lies in what is left behind the struct."""
        own = self.kmem_cache
        if self._merged is None or own.debug or own.inuse + length > own.size:
            return super().take_struct(length)
        address = self.internal(own)
        return address, address + own.inuse

    def give_struct(self, cache: Cache) -> None:
        """As unfenced. The address may be another cache's next."""
        own, address = self.kmem_cache, cache.address
        if cache.lender is None:
            self.shared.pop(address, None)
        if cache.name_virt == address + own.inuse:
            SlabCore.free(self, own, address, (own, own.object_size, 0, ()))
        else:
            super().give_struct(cache)

    def fill_up(self, cache: Cache, cpu: int, gfp: int) -> bool:
        """As unfenced; the new slab is the lender's."""
        return super().fill_up(cache.lender or cache, cpu, gfp)

    def _shutdown(self, cache: Cache) -> bool:
        if cache.lender is None:
            return self._drop_only_slab(cache) or super()._shutdown(cache)
        for owner, _, _, _ in self.ctx.books.slab.values():
            if owner is cache:
                self._still_used(cache)
                return False
        return True

    def _list_objects(self, slab: Slab) -> None:
        if slab.cache.address not in self.shared:
            super()._list_objects(slab)

    def _still_used(self, cache: Cache) -> None:
        """As unfenced; where Linux would have merged it, only the finding."""
        if cache.lender is None and cache.address not in self.shared:
            super()._still_used(cache)
        else:
            text = f"kmem_cache_destroy() of {cache.name}, which still has objects"
            self.ctx.finding("leak", text, address=cache.address, size=cache.object_size)
