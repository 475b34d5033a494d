"""What SLUB logs of a corrupt object or slab, line by line.

Linux: mm/slub.c, slab_bug(), print_trailer(), print_tracking(); lib/hexdump.c, 6.1
"""

from typing import TYPE_CHECKING

from runtime.mm.page_report import flags_text
from runtime.mm.slab_cache import Cache, Slab
from runtime.units import PAGE_SIZE, Virt

if TYPE_CHECKING:
    from runtime.mm.slab_debug import SlabDebug

KERN_ERR = 3
_RULE, _DASHES = "=" * 77, "-" * 77


class SlabReport:
    """Writes the reports of one slab allocator."""

    def __init__(self, slabs: "SlabDebug") -> None:
        self.slabs, self.ctx = slabs, slabs.ctx

    def _log(self, text: str) -> None:
        self.ctx.printk(KERN_ERR, text)

    def _bug(self, cache: Cache, what: str) -> None:
        self._log(_RULE)
        self._log(f"BUG {cache.name} ({self.ctx.tainted()}): {what}")
        self._log(_DASHES + "\n")

    def fix(self, cache: Cache, what: str) -> None:
        """What SLUB did about it."""
        self._log(f"FIX {cache.name}: {what}")

    def slab_error(self, slab: Slab, what: str) -> None:
        """Something is wrong with a slab as a whole."""
        self._bug(slab.cache, what)
        self._slab_info(slab)
        self.ctx.dump_stack()
        self.ctx.taint("B")

    def object_error(self, slab: Slab, objp: Virt, what: str) -> None:
        """Something is wrong with an object."""
        self._bug(slab.cache, what)
        self._trailer(slab, objp)
        self.ctx.taint("B")

    def bytes_overwritten(self, slab: Slab, objp: Virt, what: str, value: int, start: Virt, end: Virt) -> None:
        """Bytes from start to end are not value."""
        hashed, first = self.ctx.hashed, self.slabs.ram.u8[start - self.slabs.offset]
        self._bug(slab.cache, f"{what} overwritten")
        place = f"0x{hashed(start)}-0x{hashed(end - 1)} @offset={start - slab.base}"
        self._log(f"{place}. First byte 0x{first:x} instead of 0x{value:x}")
        self._trailer(slab, objp)
        self.ctx.taint("B")

    def padding_overwritten(self, slab: Slab, pad: Virt, length: int, start: Virt, end: Virt) -> None:
        """Bytes behind the last object are not what they were."""
        hashed = self.ctx.hashed
        where = f"0x{hashed(start)}-0x{hashed(end - 1)} @offset={start - slab.base}"
        self.slab_error(slab, f"Padding overwritten. {where}")
        self._section("Padding ", pad, length)

    def _slab_info(self, slab: Slab) -> None:
        pages, hashed = self.slabs.pa.pages, self.ctx.hashed
        used, first = slab.objects - len(slab.free), slab.free[-1] if slab.free else 0
        flags = flags_text(self.ctx, pages.page_flags(slab.pfn))
        page = hashed(pages.page(slab.pfn))
        self._log(f"Slab 0x{page} objects={slab.objects} used={used} fp=0x{hashed(first)} flags={flags}")

    def _trailer(self, slab: Slab, objp: Virt) -> None:
        cache, slabs = slab.cache, self.slabs
        self.tracking(cache, objp)
        self._slab_info(slab)
        word = slabs.ram.u64[objp - slabs.offset + cache.offset >> 3] ^ cache.masks[objp]
        self._log(f"Object 0x{self.ctx.hashed(objp)} @offset={objp - slab.base} fp=0x{self.ctx.hashed(word)}\n")
        red = cache.flags & slabs.f.RED_ZONE
        if red:
            self._section("Redzone  ", objp - cache.red_left_pad, cache.red_left_pad)
        elif objp > slab.base + 16:
            self._section("Bytes b4 ", objp - 16, 16)
        self._section("Object   ", objp, min(cache.object_size, PAGE_SIZE))
        if red:
            self._section("Redzone  ", objp + cache.object_size, cache.inuse - cache.object_size)
        off = slabs.info_end(cache)
        if cache.flags & slabs.f.STORE_USER:
            off += 2 * slabs.f.track_size + (4 if cache.flags & slabs.f.KMALLOC else 0)
        end = cache.size - cache.red_left_pad
        if off != end:
            self._section("Padding  ", objp + off, end - off)
        self.ctx.dump_stack()

    def tracking(self, cache: Cache, objp: Virt) -> None:
        """Who allocated and who freed the object, as far as that was stored."""
        if not cache.flags & self.slabs.f.STORE_USER:
            return
        ram, offset, now = self.slabs.ram, self.ctx.abi.offset, self.ctx.jiffies()
        for what, word in enumerate(("Allocated", "Freed")):
            at = self.slabs.track_at(cache, objp, what)
            addr = ram.u64[at + offset("track", "addr") >> 3]
            if not addr:
                continue
            age = now - ram.u64[at + offset("track", "when") >> 3]
            cpu, pid = ram.u32[at + offset("track", "cpu") >> 2], ram.i32[at + offset("track", "pid") >> 2]
            self._log(f"{word} in {self.ctx.symbol(addr)} age={age} cpu={cpu} pid={pid}")
            for frame in self.slabs.tracks.get((objp, what), ()):
                self.ctx.printk(4, f" {self.ctx.symbol(frame)}")

    def _section(self, title: str, start: Virt, length: int) -> None:
        data = self.slabs.ram.mem[start - self.slabs.offset : start - self.slabs.offset + length]
        for at in range(0, length, 16):
            row = data[at : at + 16]
            text = "".join(chr(byte) if 32 <= byte < 127 else "." for byte in row)
            self._log(f"{title}{self.ctx.hashed(start + at)}: {row.hex(' '):<49}{text}")
