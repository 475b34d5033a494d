"""kmem_cache_create() and kmem_cache_destroy(), and which caches are merged into one.

A create without constructor shares the oldest cache whose objects fit, be it the kernel's own; it is then an alias, and
the cache counts its creates. In the books each create stays an entry of its own.

Invariant: a cache's refcount is the number of creates that were not destroyed.
Linux: mm/slab_common.c, kmem_cache_create_usercopy(), find_mergeable(), kmem_cache_destroy(), 6.1
"""

from functools import cached_property

from runtime.errors import KernelPanic
from runtime.mm.slab_boot import BootCaches
from runtime.mm.slab_cache import NO_SLAB, Cache, Slab
from runtime.mm.slab_caches import SlabCaches
from runtime.mm.slab_geometry import calculate_alignment, calculate_sizes
from runtime.mm.zone import WMARK_HIGH
from runtime.undo import del_key, put_attribute, put_key
from runtime.units import PAGE_SHIFT, Virt

_FILE = "mm/slab_common.c"
EINVAL, ENOMEM = 22, 12


class SlabCreate(SlabCaches):
    """Creating and destroying caches."""

    def create(
        self, name: str, size: int, align: int, flags: int, ctor: int, useroffset: int = 0, usersize: int = 0
    ) -> Virt:
        """Create a cache, or find one to share. name: up to its NUL. Return: address of struct kmem_cache; 0 on
        failure.

        Raises: KernelPanic on failure with SLAB_PANIC.
        """
        ctx = self.ctx
        stack = ctx.stack()
        if ctx.in_atomic():
            ctx.sleeping(self.gfp.KERNEL, "kmem_cache_create()")
        if ctx.plan is not None and ctx.plan.fails("cache", size, self.gfp.KERNEL, stack, name):
            return self._refused(name, flags, ENOMEM)
        if flags & ~self.f.PERMITTED:
            return self._refused(name, flags & self.f.CREATE_MASK | flags & self.f.PANIC, EINVAL)
        flags &= self.f.CREATE_MASK
        if flags & self.f.STORE_USER:
            self._init_stack_depot()
        if useroffset or usersize:
            useroffset, usersize = self._usercopy(size, useroffset, usersize)
        found = None if usersize else self.find_mergeable(name, size, align, flags, ctor)
        if found is not None:
            cache = self.own(found) if isinstance(found, str) else found
            cache.refcount += 1
            cache.grow(size)
        else:
            if not self._fits(size, align, flags, ctor):
                return self._refused(name, flags, EINVAL)
            created = self._create(name, size, align, flags, ctor, useroffset, usersize)
            if created is None:
                return self._refused(name, flags, ENOMEM)
            cache = created
            self.made[cache.address] = cache
        self.write_struct(cache)
        handle = self.serial[1] + 1
        self.serial[1] = handle
        ctx.books.caches[handle] = (cache, name, size, stack)
        return cache.address

    def _init_stack_depot(self) -> None:
        # Where Linux keeps the stacks of who allocated and freed, made for the first cache that asks for it.
        if "stack depot" in self.ctx.once or self.debug_options.everywhere & self.f.STORE_USER:
            return
        self.ctx.once["stack depot"] = 1
        zones = self.pa.nodes.populated
        pages = sum(max(0, zone.managed - zone.watermark[WMARK_HIGH]) for zone in zones)
        entries = max(1 << 12, min(1 << 20, 1 << (pages - 1).bit_length() >> 14 - PAGE_SHIFT))
        self.ctx.printk(6, f"Stack Depot allocating hash table of {entries} entries with kvcalloc")

    def _usercopy(self, size: int, useroffset: int, usersize: int) -> tuple[int, int]:
        if not usersize and useroffset:
            self.ctx.warn("kmem_cache_create_usercopy", _FILE, 320, "")
        elif size < usersize or size - usersize < useroffset:
            self.ctx.warn("kmem_cache_create_usercopy", _FILE, 321, "")
        else:
            return useroffset, usersize
        return 0, 0

    def _fits(self, size: int, align: int, flags: int, ctor: int) -> bool:
        # Does any slab have room for such an object?
        # (Linux divides by the distance of two objects: without a constructor, a size of 0 is a divide error there.)
        if not 0 <= size < 1 << 31 or not (size or ctor or self.debug_options.apply(flags, "") & self.f.RED_ZONE):
            return False
        align = calculate_alignment(self.f, flags, align, size)
        flags = self.debug_options.apply(flags, "")
        return calculate_sizes(self.f, size, flags, align, bool(ctor), self.ctx.nr_cpus).objects > 0

    def _create(
        self, name: str, size: int, align: int, flags: int, ctor: int, useroffset: int, usersize: int
    ) -> Cache | None:
        address, name_virt = self.take_struct(min(len(name) + 1, 8192))
        if not address:
            return None
        self.serial[0] += 1
        self._write(name_virt - self.offset, name.encode("latin-1", "replace")[:8191] + b"\0")
        return self.make(
            name, size, calculate_alignment(self.f, flags, align, size), flags, ctor,
            name_virt=name_virt, address=address, useroffset=useroffset, usersize=usersize,
        )  # fmt: skip

    def take_struct(self, length: int) -> tuple[Virt, Virt]:
        """Room for a struct kmem_cache, and for the name of the cache. Return: where they are; 0 for no memory."""
        name_virt = self.internal(self.kmalloc_slab(length, self.gfp.KERNEL))
        return self.internal(self.kmem_cache) if name_virt else 0, name_virt

    def give_struct(self, cache: Cache) -> None:
        """Free both."""
        self.give_back(cache.name_virt)
        self.give_back(cache.address)

    def _refused(self, name: str, flags: int, errno: int) -> Virt:
        if flags & self.f.PANIC:
            text = f"kmem_cache_create_usercopy: Failed to create slab '{name}'. Error -{errno}"
            raise KernelPanic(text)
        self.ctx.dump_stack(f"kmem_cache_create_usercopy({name}) failed with error -{errno}")
        return 0

    # Merging.
    def find_mergeable(self, name: str, size: int, align: int, flags: int, ctor: int) -> Cache | str | None:
        """The oldest cache that a new one could share; by its name where it is the kernel's own.

        Linux: find_mergeable(), 6.1
        """
        if self.nomerge or ctor or not size:
            return None
        size = size + 7 & ~7
        align = calculate_alignment(self.f, flags, align, size)
        size = size + align - 1 & -align
        flags = self.debug_options.apply(flags, name)
        if flags & self.f.NEVER_MERGE:
            return None
        found = self.boot_caches.find(size, align, flags & self.f.MERGE_SAME)
        if found is not None:
            return found
        for cache in self.made.values():
            fits = size <= cache.size < size + 8 and not cache.size & align - 1
            if fits and not (flags ^ cache.flags) & self.f.MERGE_SAME and self._shareable(cache):
                return cache
        return None

    def _shareable(self, cache: Cache) -> bool:
        unfit = cache.ctor or cache.usersize or cache.flags & self.f.NEVER_MERGE or cache.refcount < 0
        return not unfit and cache.name not in self.boot

    @cached_property
    def boot_caches(self) -> BootCaches:
        """The kernel's own caches, listed when somebody first asks."""
        return BootCaches(self)

    def own(self, name: str) -> Cache:
        """One of the kernel's own caches, by name or alias, to be used by a kernel function.

        alloc() may answer CONSTRUCT, as for any cache with a constructor: the caller is the constructor then.
        Raises: KeyError where the kernel has no such cache.
        """
        name = self.boot_caches.into.get(name, name)
        return self.boot.get(name) or self._share(name)

    def _share(self, name: str) -> Cache:
        # From here on the cache has an address.
        cache = self.boot_caches.make(name, self.internal(self.kmem_cache))
        self.boot[name] = self.made[cache.address] = cache
        if self.boot_caches.in_use(name) and not cache.ctor:
            self.internal(cache)  # one object stands for the kernel's own: such a cache never becomes empty
        return cache

    # Destroying.
    def destroy(self, address: Virt) -> None:
        """Drop one create; the last one frees the cache. NULL is nothing.

        Objects that are still live: a WARN and the list of them, and the cache stays. Shared caches say nothing.
        """
        if not address:
            return
        if self.ctx.in_atomic():
            self.ctx.sleeping(self.gfp.KERNEL, "kmem_cache_destroy()")
        cache = self.made.get(address) or self.cache_at(address)
        if cache is None:
            self.no_cache(address, "kmem_cache_destroy()")
            return
        book, handle = self.ctx.books.caches, 0  # of its last create
        for number, entry in book.items():
            if entry[0] is cache and number > handle:
                handle = number
        if not handle:
            what = f"kmem_cache_destroy() of {cache.name}, which no module has created"
            self.ctx.finding("invalid-free", what, address=address)
        else:
            self._noted((put_key, book, handle, self._pop_book(book, handle)))
        before = cache.refcount
        put_attribute(cache, "refcount", before - 1)
        self._noted((put_attribute, cache, "refcount", before))
        if before != 1:
            at = address - self.offset + self.refcount_at
            self._touched(at >> PAGE_SHIFT)
            self.ram.i32[at >> 2] = before - 1
            return
        if self._shutdown(cache):
            del_key(self.made, address)
            self._noted((put_key, self.made, address, cache))
            self.give_struct(cache)

    def _shutdown(self, cache: Cache) -> bool:
        if self._drop_only_slab(cache):
            return True
        self.flush(cache)
        for slab in list(cache.partial):
            if len(slab.free) == slab.objects:
                cache.partial.remove(slab)
                self.discard(slab)
            else:
                self._list_objects(slab)
        if not cache.slabs:
            return True
        self._still_used(cache)
        return False

    def _drop_only_slab(self, cache: Cache) -> bool:
        # Where all objects are free, and in the CPU's slab: without writing in between what discard() writes over.
        cpu = self.ctx.cpu
        slab, free = cache.slabs.get(cache.cpu_slab[cpu][0]), cache.cpu_free[cpu]
        if slab is None or len(cache.slabs) > 1 or len(free) < slab.objects:
            return False
        self._put64(free[0] - self.offset + cache.offset, cache.masks[free[0]])
        free.clear()
        cache.cpu_slab[cpu] = NO_SLAB
        self.discard(slab)
        return True

    def _still_used(self, cache: Cache) -> None:
        caller = self.ctx.stack()[:1]
        where = self.ctx.symbol(caller[0]) if caller else "0x0"
        text = f"kmem_cache_destroy {cache.name}: Slab cache still has objects when called from {where}"
        self.ctx.warn("kmem_cache_destroy", _FILE, 493, text)

    def _list_objects(self, slab: Slab) -> None:
        cache = slab.cache
        self.report.slab_error(slab, f"Objects remaining in {cache.name} on __kmem_cache_shutdown()")
        free = set(slab.free)
        for objp in range(slab.start, slab.start + slab.objects * cache.size, cache.size):
            if objp not in free:
                self.ctx.printk(3, f"Object 0x{self.ctx.hashed(objp)} @offset={objp - slab.base}")
                self.report.tracking(cache, objp)

    def shrink(self, address: Virt) -> int:
        """Give empty slabs back; the fullest of the others come first from now on. Return: 0 where no slab is left."""
        cache = self.cache_at(address)
        if cache is None:
            return self.no_cache(address, "kmem_cache_shrink()")
        self.flush(cache)
        for slab in [slab for slab in cache.partial if len(slab.free) == slab.objects]:
            cache.partial.remove(slab)
            self.discard(slab)
        for index, slab in enumerate(sorted(cache.partial, key=lambda slab: len(slab.free))):
            cache.partial[index] = slab
        return 1 if cache.slabs else 0

    def cache_size(self, address: Virt) -> int:
        """kmem_cache_size(): bytes of an object."""
        cache = self.cache_at(address)
        return cache.object_size if cache else self.no_cache(address, "kmem_cache_size()", "object_size")
