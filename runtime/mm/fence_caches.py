"""Caches with fences are never merged: each has an address of its own; so an object freed to the wrong one is seen.

Where Linux would have merged them, and would not notice what is left in one that is destroyed, the log says nothing,
either.
"""

from runtime.mm.context import Context
from runtime.mm.page_alloc import PageAllocator
from runtime.mm.slab import SlabAllocator
from runtime.mm.slab_cache import Cache, Slab
from runtime.units import Virt


class FencedCaches(SlabAllocator):
    """kmem_cache_create() and kmem_cache_destroy() of a machine with fences."""

    _merged: Cache | str | None = None  # what Linux would have merged the cache with that is being created

    def __init__(self, ctx: Context, pages: PageAllocator) -> None:
        super().__init__(ctx, pages)
        self.shared: dict[Virt, bool] = ctx.undo.dict()  # caches that Linux would have merged

    def create(
        self, name: str, size: int, align: int, flags: int, ctor: int, useroffset: int = 0, usersize: int = 0
    ) -> Virt:
        """As unfenced, never merged."""
        self._merged = None
        address = super().create(name, size, align, flags, ctor, useroffset, usersize)
        if address and self._merged is not None:
            self.shared[address] = True
            if isinstance(self._merged, Cache):
                self.shared[self._merged.address] = True
        return address

    def find_mergeable(self, name: str, size: int, align: int, flags: int, ctor: int) -> Cache | None:
        """None, but what Linux would have found is noted."""
        self._merged = super().find_mergeable(name, size, align, flags, ctor)
        return None

    def take_struct(self, length: int) -> tuple[Virt, Virt]:
        """As unfenced; Linux has no copy of the name of what it merges: that lies in what is left behind the struct."""
        own = self.kmem_cache
        if self._merged is None or own.debug or own.inuse + length > own.size:
            return super().take_struct(length)
        address = self.internal(own)
        return address, address + own.inuse

    def give_struct(self, cache: Cache) -> None:
        """As unfenced. The address may be another cache's next."""
        self.shared.pop(cache.address, None)
        if cache.name_virt == cache.address + self.kmem_cache.inuse:
            self.give_back(cache.address)
        else:
            super().give_struct(cache)

    def _list_objects(self, slab: Slab) -> None:
        if slab.cache.address not in self.shared:
            super()._list_objects(slab)

    def _still_used(self, cache: Cache) -> None:
        """As unfenced; where Linux would have merged it, only the finding."""
        if cache.address not in self.shared:
            super()._still_used(cache)
        else:
            text = f"kmem_cache_destroy() of {cache.name}, which still has objects"
            self.ctx.finding("leak", text, address=cache.address, size=cache.object_size)
