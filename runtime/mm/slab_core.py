"""SLUB: how objects move between a CPU's free list, partial slabs and the page allocator.

The free lists are Python lists, and the free pointers that Linux keeps in the objects are written, too (hardened, at
the place where Linux has them), and checked when an object is handed out: a module that writes to a freed object breaks
the list here as it does there.

The fast paths write no struct page: a CPU's slab is frozen, with inuse == objects, as in Linux.

Invariant: each object is in exactly one place: live in the books, on a CPU's free list, or on its slab's.
Linux: mm/slub.c, slab_alloc_node(), ___slab_alloc(), __slab_free(), 6.1
"""

from abc import abstractmethod
from typing import Any

from runtime.errors import GuestFault
from runtime.mm.context import Stack
from runtime.mm.slab_cache import NO_SLAB, Cache, Slab
from runtime.mm.slab_pages import SlabPages
from runtime.undo import del_key, pop, push, put_key
from runtime.units import PAGE_SHIFT, PAGE_SIZE, Virt

CONSTRUCT = -1  # alloc(): a new slab is needed, and the guest's constructor has to run for each of its objects
_FILE = "mm/slub.c"
Record = tuple[Any, int, int, Stack]


class SlabCore(SlabPages):
    """Objects of all caches."""

    # The fast path.
    def alloc(self, cache: Cache, gfp: int, size: int) -> Virt:
        """Allocate an object for size bytes. Return: 0 on scarcity or an injected failure; CONSTRUCT.

        After CONSTRUCT: begin_slab(), the constructor for each object, finish_slab(), then take().
        """
        ctx = self.ctx
        stack = ctx.stack()
        if gfp & self.sleeps and ctx.in_atomic():
            ctx.sleeping(gfp, f"allocation from {cache.name}")
        plan = ctx.plan
        if plan is not None and plan.fails("slab", size, gfp, stack, cache.name):
            return 0
        free = cache.cpu_free[ctx.cpu]
        if free:
            objp = pop(free)
            self._noted((push, free, objp))
            if self._u64[objp - self.offset + cache.offset >> 3] ^ cache.masks[objp] != (free[-1] if free else 0):
                self._overwritten(cache, objp)
        elif cache.debug:
            return self.alloc_debug(cache, gfp, size)
        else:
            objp = self._obtain(cache, gfp)
            if objp <= 0:
                return objp
        self.live[objp] = (cache, size, gfp, stack)
        if cache.zero_always or gfp & cache.zero_mask:
            self._write(objp - self.offset, cache.zeros)
        elif ctx.fill is not None:
            self.undefined(cache, objp)
        return objp

    def free(self, cache: Cache, objp: Virt, record: Record) -> None:
        """Free an object that the books have just given up."""
        ctx = self.ctx
        if ctx.keep_freed:
            freed = ctx.books.freed
            self._noted((put_key, freed, objp, freed[objp]) if objp in freed else (del_key, freed, objp))
            put_key(freed, objp, (record, ctx.stack()))
        if cache.wipe:
            self._wipe(cache, objp)
        cpu = ctx.cpu
        base, mask = cache.cpu_slab[cpu]
        if objp & mask == base:
            free, at = cache.cpu_free[cpu], objp - self.offset + cache.offset
            self._touched(at >> PAGE_SHIFT)
            self._u64[at >> 3] = (free[-1] if free else 0) ^ cache.masks[objp]
            push(free, objp)
            self._noted((pop, free))
        elif cache.debug:
            self.free_debug(cache, objp, record)
        else:
            self._slow_free(cache, objp)

    def take(self, cache: Cache, gfp: int, size: int) -> Virt:
        """Allocate without asking the plan: the end of an allocation that ran constructors."""
        if cache.debug:
            return self.alloc_debug(cache, gfp, size)
        objp = self._obtain(cache, gfp)
        if objp > 0:
            self.live[objp] = (cache, size, gfp, self.ctx.stack())
            self.define(cache, objp, gfp)
        return objp

    def _obtain(self, cache: Cache, gfp: int) -> Virt:
        # The slow path: an object that is in no book, and holds what it held. 0 on scarcity; CONSTRUCT.
        cpu = self.ctx.cpu
        if cpu in cache.wild:
            raise GuestFault(cache.wild[cpu] + cache.offset & 0xFFFFFFFFFFFFFFFF)
        free = cache.cpu_free[cpu]
        if not free and not (cache.slabs and self.refill(cache, cpu)):
            if cache.ctor:
                return CONSTRUCT
            if not self.fill_up(cache, cpu, gfp):
                return 0
        objp = pop(free)
        self._noted((push, free, objp))
        if self._u64[objp - self.offset + cache.offset >> 3] ^ cache.masks[objp] != (free[-1] if free else 0):
            self._overwritten(cache, objp)
        return objp

    def fill_up(self, cache: Cache, cpu: int, gfp: int) -> bool:
        """Make a new slab the CPU's, which has no free object. False: no memory."""
        made = self.make_slab(cache, gfp, frozen=True)
        if made is None:
            return False
        slab, order_of_use = made
        if cache.cpu_slab[cpu] != NO_SLAB:
            self.deactivate(cache, cpu)
        cache.cpu_slab[cpu] = slab.base, -(PAGE_SIZE << slab.order)
        cache.cpu_free[cpu].extend(order_of_use)
        return True

    def define(self, cache: Cache, objp: Virt, gfp: int) -> None:
        """Clear an object that is handed out, where it has to be."""
        if cache.zero_always or gfp & cache.zero_mask:
            self._write(objp - self.offset, cache.zeros)
        elif self.ctx.fill is not None:
            self.undefined(cache, objp)

    def undefined(self, cache: Cache, objp: Virt) -> None:
        """An object is handed out that nobody has defined, on a machine with a fill."""
        if self.ctx.fill is not None and not cache.ctor and not cache.flags & self.f.TYPESAFE_BY_RCU:
            self.ctx.fill.handed_out(objp - self.offset, cache.object_size, self.init_on_alloc and not cache.no_init)

    def _wipe(self, cache: Cache, objp: Virt) -> None:
        at = objp - self.offset
        self.ram.zero(at, cache.object_size)
        tail = cache.size - cache.inuse - cache.red_left_pad
        self.ram.zero(at + cache.inuse, tail)

    def _overwritten(self, cache: Cache, objp: Virt) -> None:
        # Linux takes the garbage for the next free object; the objects behind it are lost, and the next allocation
        # faults on it.
        cpu, at = self.ctx.cpu, objp - self.offset + cache.offset
        freed = self.ctx.books.freed.get(objp)
        self.ctx.finding(
            "use-after-free",
            f"freed object of {cache.name} was written to: its free pointer, at byte {cache.offset}, is overwritten",
            address=objp, size=cache.object_size, allocated=freed and freed[0][3], freed=freed and freed[1],
        )  # fmt: skip
        cache.cpu_free[cpu].clear()
        wild = self.ram.u64[at >> 3] ^ cache.masks[objp]
        if wild:
            cache.wild[cpu] = wild

    # Slabs.
    def begin_slab(self, cache: Cache, gfp: int) -> Slab | None:
        """Make a slab whose objects the guest's constructor has still to see: in the order of objects_of(). None:

        no memory.
        """
        if gfp & self.gfp.ZERO:
            self.ctx.warn_once("___slab_alloc", _FILE, 2001)
        return self.new_slab(cache, gfp)

    def objects_of(self, base: Virt) -> list[Virt]:
        """The objects of a slab that begin_slab() made, in the order in which Linux runs the constructor."""
        slab = self.slab_at[base]
        return list(reversed(slab.free))

    def finish_slab(self, base: Virt) -> None:
        """All constructors have run: the slab becomes the CPU's."""
        slab = self.slab_at[base]
        if slab.cache.debug:
            slab.cache.partial.insert(0, slab)
        else:
            self.use_slab(slab)

    def use_slab(self, slab: Slab) -> None:
        """Make it the CPU's slab, with all its free objects."""
        cache, cpu = slab.cache, self.ctx.cpu
        if cache.cpu_slab[cpu] != NO_SLAB:
            self.deactivate(cache, cpu)
        self._load(slab, cpu)

    def _load(self, slab: Slab, cpu: int) -> None:
        cache = slab.cache
        cache.cpu_slab[cpu] = slab.base, -(PAGE_SIZE << slab.order)
        cache.cpu_free[cpu].extend(slab.free)
        slab.free.clear()
        self.write_state(slab, True)

    def refill(self, cache: Cache, cpu: int) -> bool:
        """Fetch free objects for a CPU that has none: those that were freed by others into its slab; then of a partial
        slab of its own; then of one of the node. False: there are none.
        """
        base = cache.cpu_slab[cpu][0]
        if base != -1:
            slab = cache.slabs[base]
            if slab.free:
                self._load(slab, cpu)
                return True
            cache.cpu_slab[cpu] = NO_SLAB
            self.write_state(slab, False)
        if cache.cpu_partial[cpu]:
            self._load(cache.cpu_partial[cpu].pop(), cpu)
            return True
        if not cache.partial:
            return False
        self._load(cache.partial.pop(0), cpu)
        taken = 0
        while cache.partial and taken <= cache.cpu_partial_slabs // 2:
            slab = cache.partial.pop(0)
            self.write_state(slab, True)
            self._put_cpu_partial(slab, cpu, False)
            taken += 1
        return True

    def slab_of(self, cache: Cache, objp: Virt) -> Slab:
        """The slab of an object."""
        slab = cache.slabs.get(objp & cache.mask(cache.order))
        if slab is None or objp not in slab:
            slab = cache.slabs[objp & cache.mask(cache.min_order)]
        return slab

    def _slow_free(self, cache: Cache, objp: Virt) -> None:
        # Into a slab that is not this CPU's own.
        slab = self.slab_of(cache, objp)
        free, was_frozen = slab.free, self.frozen(slab)
        prior = free[-1] if free else 0
        self.ram.put64(objp - self.offset + cache.offset, prior ^ cache.masks[objp])
        free.append(objp)
        self.write_state(slab, was_frozen or not prior)
        if was_frozen:
            return
        if not prior:
            self._put_cpu_partial(slab, self.ctx.cpu, True)
        elif len(free) == slab.objects and len(cache.partial) >= cache.min_partial:
            cache.partial.remove(slab)
            self.discard(slab)

    def _put_cpu_partial(self, slab: Slab, cpu: int, drain: bool) -> None:
        partial = slab.cache.cpu_partial[cpu]
        if drain and len(partial) >= slab.cache.cpu_partial_slabs:
            self.unfreeze_partials(slab.cache, cpu)
        partial.append(slab)

    def unfreeze_partials(self, cache: Cache, cpu: int) -> None:
        """Move the CPU's partial slabs to the node; empty ones go back to the page allocator if it has enough."""
        if not cache.cpu_partial[cpu]:
            return
        slabs = list(reversed(cache.cpu_partial[cpu]))
        cache.cpu_partial[cpu].clear()
        for slab in slabs:
            self.write_state(slab, False)
            if len(slab.free) == slab.objects and len(cache.partial) >= cache.min_partial:
                self.discard(slab)
            else:
                cache.partial.append(slab)

    def deactivate(self, cache: Cache, cpu: int) -> None:
        """Take the CPU's slab from it, with what is left on its free list. Linux: deactivate_slab(), 6.1"""
        base = cache.cpu_slab[cpu][0]
        if base == -1:
            return
        slab, mine = cache.slabs[base], cache.cpu_free[cpu]
        to_tail = bool(slab.free)
        if mine:
            self.ram.put64(
                mine[0] - self.offset + cache.offset, (slab.free[-1] if slab.free else 0) ^ cache.masks[mine[0]]
            )
            slab.free.extend(mine)
            mine.clear()
        cache.cpu_slab[cpu] = NO_SLAB
        self.write_state(slab, False)
        if len(slab.free) == slab.objects and len(cache.partial) >= cache.min_partial:
            self.discard(slab)
        elif slab.free:
            cache.partial.insert(len(cache.partial) if to_tail else 0, slab)

    def flush(self, cache: Cache) -> None:
        """Take all slabs from all CPUs. Linux: flush_all(), 6.1"""
        for cpu in range(self.ctx.nr_cpus):
            self.deactivate(cache, cpu)
            self.unfreeze_partials(cache, cpu)

    # Caches with debug flags: slab_debug.py.
    @abstractmethod
    def alloc_debug(self, cache: Cache, gfp: int, size: int) -> Virt:
        """Take an object."""

    @abstractmethod
    def free_debug(self, cache: Cache, objp: Virt, record: Record) -> None:
        """Free a live object."""
