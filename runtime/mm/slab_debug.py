"""SLUB's own debugging (slub_debug=FZPU, SLAB_RED_ZONE, SLAB_POISON ...): allocation and free with red zones, poison
and tracking.

A cache with debug flags has no free lists of a CPU: each object is taken from a partial slab, checked and filled.

Fill bytes (all from the ABI): red zone 0xbb free, 0xcc in use; object 0x6b free, last byte 0xa5; padding 0x5a.

Linux: mm/slub.c, alloc_debug_processing(), free_debug_processing(), check_object(), init_object(), 6.1
"""

from runtime.mm.context import Context, Stack
from runtime.mm.page_alloc import PageAllocator
from runtime.mm.slab_cache import Cache, Slab
from runtime.mm.slab_core import CONSTRUCT, Record, SlabCore
from runtime.mm.slab_report import SlabReport
from runtime.units import PAGE_SHIFT, PAGE_SIZE, Virt

ALLOCATED, FREED = 0, 1


class SlabDebug(SlabCore):
    """The paths of caches with debug flags."""

    def __init__(self, ctx: Context, pages: PageAllocator) -> None:
        super().__init__(ctx, pages)
        const = ctx.abi.const
        self.RED_ACTIVE, self.RED_INACTIVE = const["SLUB_RED_ACTIVE"], const["SLUB_RED_INACTIVE"]
        self.POISON_FREE, self.POISON_END = const["POISON_FREE"], const["POISON_END"]
        self.POISON_INUSE = const["POISON_INUSE"]
        self.tracks: dict[tuple[Virt, int], Stack] = ctx.undo.dict()  # (object, ALLOCATED or FREED) -> stack
        self.report = SlabReport(self)

    # Making and giving back slabs.
    def setup_debug(self, slab: Slab) -> None:
        """Fill a new slab's pages and objects, before its free pointers are written."""
        cache = slab.cache
        if cache.flags & self.f.POISON:
            self.ram.fill(slab.pfn << PAGE_SHIFT, PAGE_SIZE << slab.order, self.POISON_INUSE)
        if cache.flags & (self.f.STORE_USER | self.f.RED_ZONE) or cache.poison:
            for objp in range(slab.start, slab.start + slab.objects * cache.size, cache.size):
                self.init_object(cache, objp, self.RED_INACTIVE)
                if cache.flags & self.f.STORE_USER:
                    self.ram.zero(self.track_at(cache, objp, ALLOCATED), 2 * self.f.track_size)

    def check_discarded(self, slab: Slab) -> None:
        """Look at all objects of an empty slab a last time."""
        if slab.cache.flags & self.f.CONSISTENCY_CHECKS:
            self.check_padding(slab)
            for objp in slab.free:
                self.check_object(slab, objp, self.RED_INACTIVE)
        for objp in slab.free:
            for what in (ALLOCATED, FREED):
                self.tracks.pop((objp, what), None)

    def init_object(self, cache: Cache, objp: Virt, red: int) -> None:
        """Write red zones and poison."""
        at = objp - self.offset
        if cache.flags & self.f.RED_ZONE:
            self.ram.fill(at - cache.red_left_pad, cache.red_left_pad, red)
        if cache.poison:
            self.ram.write(at, bytes([self.POISON_FREE]) * (cache.object_size - 1) + bytes([self.POISON_END]))
        if cache.flags & self.f.RED_ZONE:
            self.ram.fill(at + cache.object_size, cache.inuse - cache.object_size, red)

    # Allocating and freeing one object.
    def alloc_debug(self, cache: Cache, gfp: int, size: int) -> Virt:
        """Take an object from a partial slab, or from a new one. Return: 0, CONSTRUCT."""
        while True:
            if not cache.partial:
                if cache.ctor:
                    return CONSTRUCT
                slab = self.new_slab(cache, gfp)
                if slab is None:
                    return 0
                cache.partial.insert(0, slab)
            slab = cache.partial[0]
            objp = slab.free.pop()
            if self._good_to_use(slab, objp):
                break
        if not slab.free:
            cache.partial.pop(0)
        self.write_state(slab, False)
        if cache.flags & self.f.KMALLOC and cache.flags & self.f.STORE_USER:
            self.ram.put32(self.track_at(cache, objp, ALLOCATED) + 2 * self.f.track_size, size)
        self.init_object(cache, objp, self.RED_ACTIVE)
        stack = self.ctx.stack()
        self._set_track(cache, objp, ALLOCATED, stack)
        self.live[objp] = (cache, size, gfp, stack)
        if cache.zero_always or gfp & cache.zero_mask:
            self.ram.write(objp - self.offset, cache.zeros)
        elif self.ctx.fill is not None:
            self.undefined(cache, objp)
        return objp

    def _good_to_use(self, slab: Slab, objp: Virt) -> bool:
        cache = slab.cache
        if not cache.flags & self.f.CONSISTENCY_CHECKS:
            return True
        self.check_padding(slab)
        if self.check_object(slab, objp, self.RED_INACTIVE):
            return True
        self.report.fix(cache, "Marking all objects used")
        slab.free.clear()
        cache.partial.remove(slab)
        self.write_state(slab, True)
        return False

    def free_debug(self, cache: Cache, objp: Virt, record: Record) -> None:
        """Free a live object."""
        slab = self.slab_of(cache, objp)
        if cache.flags & self.f.CONSISTENCY_CHECKS and not self._good_to_free(slab, objp):
            self.report.fix(cache, f"Object at 0x{self.ctx.hashed(objp)} not freed")
            return
        self._set_track(cache, objp, FREED, self.ctx.stack())
        self.init_object(cache, objp, self.RED_INACTIVE)
        prior = slab.free[-1] if slab.free else 0
        self.ram.put64(objp - self.offset + cache.offset, prior ^ cache.masks[objp])
        slab.free.append(objp)
        self.write_state(slab, False)
        surplus = len(slab.free) == slab.objects and len(cache.partial) >= cache.min_partial
        if not prior and not surplus:
            cache.partial.append(slab)
        elif surplus:
            if prior:
                cache.partial.remove(slab)
            self.discard(slab)

    def _good_to_free(self, slab: Slab, objp: Virt) -> bool:
        return self._in_service(slab) and self.check_object(slab, objp, self.RED_ACTIVE)

    def _in_service(self, slab: Slab) -> bool:
        # A slab that failed a check is frozen, and nothing of it is ever freed. Linux: check_slab(), 6.1
        if self.frozen(slab):
            self.report.slab_error(slab, "Slab disabled since SLUB metadata consistency check failed")
            return False
        self.check_padding(slab)
        return True

    def free_checked(self, slab: Slab, objp: Virt) -> None:
        """kfree() of what is not live, in a cache with debug flags: Linux notices as well."""
        cache = slab.cache
        inside = objp in slab
        stack = self.tracks.get((objp, ALLOCATED))
        what = "is freed, but it is free already" if inside else "does not start here"
        self.ctx.finding(
            "double-free" if inside else "invalid-free", f"object of {cache.name} {what}",
            address=objp, size=cache.object_size, allocated=stack, freed=self.tracks.get((objp, FREED)),
        )  # fmt: skip
        if self._says_no(slab, objp, inside):
            self.report.fix(cache, f"Object at 0x{self.ctx.hashed(objp)} not freed")

    def _says_no(self, slab: Slab, objp: Virt, inside: bool) -> bool:
        # Linux: free_debug_processing(), 6.1
        checks = slab.cache.flags & self.f.CONSISTENCY_CHECKS
        if checks and not self._in_service(slab):
            return True
        if len(slab.free) == slab.objects:
            self.report.slab_error(slab, "Slab has 0 allocated objects but 1 are to be freed\n")
        elif not checks:
            return False
        elif inside:
            self.report.object_error(slab, objp, "Object already free")
        else:
            self.report.slab_error(slab, f"Invalid object pointer 0x{self.ctx.hashed(objp)}")
        return True

    # Who allocated, who freed.
    def info_end(self, cache: Cache) -> int:
        """Bytes up to the end of the object, its red zone, and its free pointer if that lies behind it."""
        return cache.inuse + (8 if cache.offset >= cache.inuse else 0)

    def track_at(self, cache: Cache, objp: Virt, what: int) -> int:
        """Where struct track lies (phys)."""
        return objp - self.offset + self.info_end(cache) + what * self.f.track_size

    def _set_track(self, cache: Cache, objp: Virt, what: int, stack: Stack) -> None:
        if not cache.flags & self.f.STORE_USER:
            return
        ctx, at, offset = self.ctx, self.track_at(cache, objp, what), self.ctx.abi.offset
        self.tracks[objp, what] = stack
        # Objects with tracking need not be aligned to 8 within their slab's padding, but all sizes here are.
        self.ram.put64(at + offset("track", "addr"), stack[0] if stack else 0)
        self.ram.put32(at + offset("track", "cpu"), ctx.cpu)
        self.ram.put32(at + offset("track", "pid"), ctx.pid())
        self.ram.put64(at + offset("track", "when"), ctx.jiffies())

    # Checks.
    def check_object(self, slab: Slab, objp: Virt, red: int) -> bool:
        """Are red zones, poison and padding as they must be? What is not is reported and repaired."""
        cache, bytes_ok = slab.cache, self._bytes_ok
        flags, end = cache.flags, objp + cache.object_size
        behind = cache.inuse - cache.object_size
        if flags & self.f.RED_ZONE:
            if not bytes_ok(slab, objp, "Left Redzone", objp - cache.red_left_pad, red, cache.red_left_pad):
                return False
            if not bytes_ok(slab, objp, "Right Redzone", end, red, behind):
                return False
        elif flags & self.f.POISON and behind:
            bytes_ok(slab, objp, "Alignment padding", end, self.POISON_INUSE, behind)
        if flags & self.f.POISON:
            if red != self.RED_ACTIVE and cache.poison:
                if not bytes_ok(slab, objp, "Poison", objp, self.POISON_FREE, cache.object_size - 1):
                    return False
                if not bytes_ok(slab, objp, "End Poison", end - 1, self.POISON_END, 1):
                    return False
            self._check_pad_bytes(slab, objp)
        return True

    def _check_pad_bytes(self, slab: Slab, objp: Virt) -> None:
        cache, off = slab.cache, self.info_end(slab.cache)
        if cache.flags & self.f.STORE_USER:
            off += 2 * self.f.track_size + (4 if cache.flags & self.f.KMALLOC else 0)
        length = cache.size - cache.red_left_pad - off
        if length:
            self._bytes_ok(slab, objp, "Object padding", objp + off, self.POISON_INUSE, length)

    def check_padding(self, slab: Slab) -> None:
        """Is the rest of the slab, behind the last object, as it must be?"""
        length = PAGE_SIZE << slab.order
        rest = length % slab.cache.size
        if not slab.cache.flags & self.f.POISON or not rest:
            return
        pad = slab.base + length - rest
        bad = self._wrong(pad, self.POISON_INUSE, rest)
        if bad is not None:
            self.report.padding_overwritten(slab, pad, rest, *bad)
            self._restore(slab.cache, "slab padding", self.POISON_INUSE, *bad)

    def _wrong(self, start: Virt, value: int, length: int) -> tuple[Virt, Virt] | None:
        # The range from the first to the last byte that is not value.
        data = self.ram.mem[start - self.offset : start - self.offset + length]
        if data.count(value) == length:
            return None
        byte = bytes([value])
        return start + length - len(data.lstrip(byte)), start + len(data.rstrip(byte))

    def _bytes_ok(self, slab: Slab, objp: Virt, what: str, start: Virt, value: int, length: int) -> bool:
        bad = self._wrong(start, value, length)
        if bad is None:
            return True
        self._find(slab, objp, what)
        self.report.bytes_overwritten(slab, objp, what, value, *bad)
        self._restore(slab.cache, what, value, *bad)
        return False

    def _find(self, slab: Slab, objp: Virt, what: str) -> None:
        poison = "oison" in what
        self.ctx.finding(
            "use-after-free" if poison else "out-of-bounds",
            f"object of {slab.cache.name}: {what} overwritten", address=objp, size=slab.cache.object_size,
            allocated=self.tracks.get((objp, ALLOCATED)), freed=self.tracks.get((objp, FREED)) if poison else None,
        )  # fmt: skip

    def _restore(self, cache: Cache, what: str, value: int, start: Virt, end: Virt) -> None:
        hashed = self.ctx.hashed
        self.report.fix(cache, f"Restoring {what} 0x{hashed(start)}-0x{hashed(end - 1)}=0x{value:x}")
        self.ram.fill(start - self.offset, end - start, value)
