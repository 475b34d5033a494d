"""struct page in guest memory: one per page frame, at virt = VMEMMAP_START + pfn * sizeof(struct page).

The array lies at one place of RAM (map_phys + pfn * size) and is filled lazily, one page of it at a time: when the
guest first reads it (the page-fault path calls fill()), and before Python writes to it. What is filled in is derived
from the state of the buddy, so nothing is lost by not having written earlier. What a struct page says in each state:

    reserved (kernel image, holes)  PG_reserved, refcount 1
    free, head of a buddy block     refcount 0, page_type ~PG_buddy, private = order
    free otherwise                  refcount 0, mapcount -1: inside a buddy block, or on a per-CPU list
    allocated                       refcount 1 in the first page, 0 in the others of a block that is not compound
    compound                        PG_head in the first page; compound_head = head | 1 in the others; order and size in
    the second

Invariant: struct pages in filled pages of the array say what the allocators' own books say.
Linux: include/linux/mm_types.h, struct page; mm/page_alloc.c, prep_compound_page(), 6.1
"""

import struct
from collections.abc import Callable
from itertools import pairwise

from runtime.mm.buddy import MAX_ORDER
from runtime.mm.context import Context
from runtime.units import PAGE_SHIFT, PAGE_SIZE, Pfn, Phys, Virt

FREE, RESERVED = -1, -2  # what state() answers besides the order of a block


class PageMap:
    """The array of struct pages. state(pfn) -> order of the free block that starts there, FREE, or RESERVED."""

    def __init__(
        self, ctx: Context, map_phys: Phys, state: Callable[[Pfn], int], zone_bits: Callable[[Pfn], int]
    ) -> None:
        self.ctx, self.ram, self.phys, self.state, self.zone_bits = ctx, ctx.ram, map_phys, state, zone_bits
        abi, const = ctx.abi, ctx.abi.const
        self.virt: Virt = ctx.arch.VMEMMAP_START
        self.size: int = abi.sizeof("page")
        self.flags_at: int = abi.offset("page", "flags")
        self.type_at: int = abi.offset("page", "page_type")
        self.refcount_at: int = abi.offset("page", "_refcount")
        self.private_at: int = abi.offset("page", "private")
        self.mapping_at: int = abi.offset("page", "mapping")
        self.head_at: int = abi.offset("page", "compound_head")
        self.order_at: int = abi.offset("page", "compound_order")
        self.PG_head: int = 1 << const["PG_head"]
        self.PG_slab: int = 1 << const["PG_slab"]
        self.PG_reserved: int = 1 << const["PG_reserved"]
        self.buddy_type: int = ~const["PG_buddy"] & 0xFFFFFFFF
        self.no_cpu: int = const["LAST_CPUPID_MASK"] << const["LAST_CPUPID_PGSHIFT"]
        # TAIL_MAPPING, by its distance from LIST_POISON1: both are POISON_POINTER_DELTA plus a small number.
        self.tail_mapping: int = const.get("TAIL_MAPPING", const["LIST_POISON1"] + 0x300)
        self.filled: dict[int, bool] = ctx.undo.dict()  # index of a page of the array
        self.group = PAGE_SIZE // self.size  # struct pages in a page of the array, where size divides it
        assert self.type_at == self.private_at + 8, "private and page_type are written together"
        self._write, self._privates = ctx.ram.write, map_phys + self.private_at
        self._heads = [struct.pack("<QI", order, self.buddy_type) for order in range(MAX_ORDER)]
        self._no_head = struct.pack("<QI", 0, 0xFFFFFFFF)
        self._fresh: dict[tuple[int, int], bytes] = {}  # what fresh() gave: (flags, refcount) -> bytes
        self._compound: dict[tuple[bytes, int], list[bytes]] = {}  # what _between_links() gave

    def page(self, pfn: Pfn) -> Virt:
        """pfn_to_page()."""
        return self.virt + pfn * self.size

    def pfn(self, page: Virt) -> Pfn:
        """page_to_pfn()."""
        return (page - self.virt) // self.size

    def at(self, pfn: Pfn) -> Phys:
        """Where its struct page lies in RAM. Fills it in first: what follows may read and write it."""
        at = self.phys + pfn * self.size
        if at - self.phys >> PAGE_SHIFT not in self.filled:
            self.fill(self.virt + pfn * self.size)
        return at

    def flags(self, pfn: Pfn) -> int:
        """Zone and node, as the top bits of page->flags have them, and no flag."""
        return self.zone_bits(pfn) | self.no_cpu

    def fresh(self, pfn: Pfn, refcount: int = 0, flags: int = 0) -> bytes:
        """The bytes of a struct page that nobody uses in any way but its refcount and flags."""
        flags |= self.flags(pfn)
        made = self._fresh.get((flags, refcount))
        if made is None:
            data = bytearray(self.size)
            struct.pack_into("<Q", data, self.flags_at, flags)
            struct.pack_into("<ii", data, self.type_at, -1, refcount)
            made = self._fresh[flags, refcount] = bytes(data)
        return made

    def _describe(self, pfn: Pfn) -> bytes:
        state = self.state(pfn)
        if state == RESERVED:
            return self.fresh(pfn, 1, self.PG_reserved)
        if state == FREE:
            return self.fresh(pfn)
        data = bytearray(self.fresh(pfn))
        struct.pack_into("<Q", data, self.private_at, state)
        struct.pack_into("<I", data, self.type_at, self.buddy_type)
        return bytes(data)

    def fill(self, virt: Virt) -> None:
        """Write and map the page of the array that has virt.

        The page-fault path calls it for an address in the array that is not mapped.
        """
        index = virt - self.virt >> PAGE_SHIFT
        if index in self.filled:
            return
        self.filled[index] = True
        first, last = index * PAGE_SIZE // self.size, ((index + 1) * PAGE_SIZE - 1) // self.size
        data = b"".join([self._describe(pfn) for pfn in range(first, last + 1)])
        phys = self.phys + (index << PAGE_SHIFT)
        skip = index * PAGE_SIZE - first * self.size  # where a struct page straddles two pages, each gets its part
        self.ram.write(phys, data[skip : skip + PAGE_SIZE])
        self.ctx.tables.map_page(self.virt + (index << PAGE_SHIFT), phys, self.ctx.arch.KERNEL)

    def fill_range(self, pfn: Pfn, nr_pages: int) -> None:
        """Fill what the struct pages of a block need."""
        for index in range(pfn * self.size >> PAGE_SHIFT, ((pfn + nr_pages) * self.size - 1 >> PAGE_SHIFT) + 1):
            if index not in self.filled:
                self.fill(self.virt + (index << PAGE_SHIFT))

    def set_buddy(self, pfn: Pfn, order: int) -> None:
        """This is the head of a free block now. Not filled yet: nothing to do, fill() will see it."""
        at = pfn * self.size
        if at >> PAGE_SHIFT in self.filled:
            self._write(self._privates + at, self._heads[order])

    def clear_buddy(self, pfn: Pfn) -> None:
        """This is no longer the head of a free block."""
        at = pfn * self.size
        if at >> PAGE_SHIFT in self.filled:
            self._write(self._privates + at, self._no_head)

    def refcount(self, pfn: Pfn) -> int:
        """page_ref_count()."""
        return self.ram.i32[self.at(pfn) + self.refcount_at >> 2]

    def set_refcount(self, pfn: Pfn, count: int) -> None:
        self.ram.put32(self.at(pfn) + self.refcount_at, count)

    def page_flags(self, pfn: Pfn) -> int:
        """page->flags as the guest has it now."""
        return self.ram.u64[self.at(pfn) + self.flags_at >> 3]

    def compound_head(self, pfn: Pfn) -> Pfn:
        """The first page of the compound page that pfn is in; pfn where it is in none."""
        head = self.ram.u64[self.at(pfn) + self.head_at >> 3]
        return self.pfn(head - 1) if head & 1 else pfn

    def compound_order(self, pfn: Pfn) -> int:
        """Order of the compound page whose head is pfn; 0 where it is none."""
        if not self.page_flags(pfn) & self.PG_head:
            return 0
        return self.ram.u8[self.at(pfn + 1) + self.order_at]

    def make_compound(self, pfn: Pfn, order: int, refcount: int = 1) -> None:
        """Write the struct pages of a compound page of 2^order pages, order above 0."""
        self.fill_range(pfn, 1 << order)
        head = self.fresh(pfn, refcount, self.PG_head)
        parts = self._compound.get((head, order))
        if parts is None:
            parts = self._compound[head, order] = self._between_links(head, self.fresh(pfn), order)
        link = struct.pack("<Q", self.page(pfn) | 1)
        self.ram.write(self.phys + pfn * self.size, link.join(parts))

    def _between_links(self, head: bytes, free: bytes, order: int) -> list[bytes]:
        # The struct pages of a compound page, without the words of the later ones that lead to the first.
        tail = bytearray(free)
        struct.pack_into("<Q", tail, self.mapping_at, self.tail_mapping)
        second = bytearray(tail)
        offset, const = self.ctx.abi.offset, self.ctx.abi.const
        second[offset("page", "compound_dtor")] = const["COMPOUND_PAGE_DTOR"]
        second[offset("page", "compound_order")] = order
        struct.pack_into("<i", second, offset("page", "compound_mapcount"), -1)
        struct.pack_into("<i", second, offset("page", "compound_pincount"), 0)
        struct.pack_into("<I", second, offset("page", "compound_nr"), 1 << order)
        before, after = slice(self.head_at), slice(self.head_at + 8, None)
        later = [bytes(second), *[bytes(tail)] * ((1 << order) - 2)]
        return [head + later[0][before], *(a[after] + b[before] for a, b in pairwise(later)), later[-1][after]]

    def reset(self, pfn: Pfn, nr_pages: int) -> None:
        """Write plain struct pages with refcount 0."""
        self.fill_range(pfn, nr_pages)
        self.ram.write(self.phys + pfn * self.size, self.fresh(pfn) * nr_pages)
