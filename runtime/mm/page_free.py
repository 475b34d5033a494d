"""Freeing pages when it is not as simple as usual: more references, compound pages, bad state, and what the guest gets
wrong.

Linux: mm/page_alloc.c, __free_pages(), free_pages_prepare(), bad_page(), 6.1
"""

from typing import TYPE_CHECKING

from runtime.mm.context import Stack
from runtime.mm.page import RESERVED
from runtime.mm.page_report import bad_page
from runtime.units import PAGE_SHIFT, PAGE_SIZE, Pfn

if TYPE_CHECKING:
    from runtime.mm.page_alloc import PageAllocator

_BAD_AT_FREE = [
    "lru",
    "locked",
    "private",
    "private_2",
    "writeback",
    "reserved",
    "slab",
    "active",
    "unevictable",
    "mlocked",
]
Record = tuple[int, int, Stack]


class PageFree:
    """The uncommon part of free_pages()."""

    def __init__(self, alloc: "PageAllocator") -> None:
        self.alloc, self.ctx, self.pages = alloc, alloc.ctx, alloc.pages
        const = alloc.ctx.abi.const
        self.bad_flags = sum(1 << const["PG_" + name] for name in _BAD_AT_FREE)
        offset = alloc.ctx.abi.offset
        self.mapcount_at, self.memcg_at = offset("page", "_mapcount"), offset("page", "memcg_data")

    def put(self, pfn: Pfn, order: int) -> bool:
        """put_page_testzero(), then free the block. True: it is free."""
        count = self.pages.refcount(pfn) - 1
        self.pages.set_refcount(pfn, count)
        if count:
            return False
        nr_pages = 1 << order
        self.pages.fill_range(pfn, nr_pages)
        compound = self.pages.page_flags(pfn) & self.pages.PG_head != 0
        bad = [single for single in range(pfn, pfn + nr_pages) if self._is_bad(single, compound and single != pfn)]
        if bad:
            self.alloc.lost[pfn] = order
            return True
        if self.alloc.init_on_free:
            self.ctx.ram.zero(pfn << PAGE_SHIFT, PAGE_SIZE << order)
        self.pages.reset(pfn, nr_pages)
        self.alloc.release(pfn, order)
        return True

    def _is_bad(self, pfn: Pfn, tail: bool) -> bool:
        # A page that is freed in such a state is reported, and never used again.
        ram, at = self.ctx.ram, self.pages.at(pfn)
        mapcount, refcount = ram.i32[at + self.mapcount_at >> 2], ram.i32[at + self.pages.refcount_at >> 2]
        mapping = 0 if tail else ram.u64[at + self.pages.mapping_at >> 3]
        reason = ""
        if mapcount != -1:
            reason = "nonzero mapcount"
        if mapping:
            reason = "non-NULL mapping"
        if refcount:
            reason = "nonzero _refcount"
        if ram.u64[at + self.pages.flags_at >> 3] & self.bad_flags:
            reason = "PAGE_FLAGS_CHECK_AT_FREE flag(s) set"
        if ram.u64[at + self.memcg_at >> 3]:
            reason = "page still charged to cgroup"
        if reason:
            bad_page(self.ctx, self.pages, pfn, reason)
            ram.put32(at + self.mapcount_at, 0xFFFFFFFF)
        return bool(reason)

    def referenced(self, pfn: Pfn, order: int, record: Record) -> None:
        """Somebody else still holds the first page (or it is lost).

        The rest of a block that is not compound is freed at once.
        """
        if self.pages.refcount(pfn) <= 0:
            return
        compound = self.pages.page_flags(pfn) & self.pages.PG_head
        self.alloc.live[pfn] = (order if compound else 0, *record[1:])
        if not compound:
            for half in reversed(range(order)):
                self.alloc.release(pfn + (1 << half), half)

    def free(self, pfn: Pfn, order: int, record: Record | None) -> None:
        """free_pages() of what is not live, or was allocated with another order."""
        if record is not None:
            self._wrong_order(pfn, order, record)
            return
        self._not_live(pfn, order)

    def _wrong_order(self, pfn: Pfn, order: int, record: Record) -> None:
        # A smaller order frees the first part only, as in Linux; the rest stays in the books as what it is, a leak. A
        # larger one would free pages of others: Linux destroys itself quietly, we free what was allocated.
        true = record[0]
        self.ctx.finding(
            "mismatched-free",
            f"free_pages() with order {order} of pages that were allocated with order {true}",
            address=self.alloc.virt(pfn), size=PAGE_SIZE << true, allocated=record[2],
        )  # fmt: skip
        compound = self.pages.page_flags(pfn) & self.pages.PG_head
        if order >= true or compound:
            self.alloc.put_pages(pfn, true)
            return
        for half in range(order, true):
            self.alloc.live[pfn + (1 << half)] = (half, *record[1:])
            self.pages.set_refcount(pfn + (1 << half), 1)
        self.alloc.put_pages(pfn, order)

    def _not_live(self, pfn: Pfn, order: int) -> None:
        if not self.alloc.nodes.exists(pfn):
            # virt_to_page() of an address that is not RAM: the struct page does not exist, and reading it faults.
            what = f"free_pages() of frame {pfn:#x}, which is not RAM"
            self.ctx.finding("invalid-free", what, address=self.alloc.virt(pfn))
            self.ctx.mem.u32(self.pages.page(pfn) + self.pages.refcount_at)
            return
        record, where = self.ctx.books.freed.get(self.alloc.virt(pfn), (None, None))
        kind, what = self._what(pfn)
        self.ctx.finding(
            kind, f"free_pages() of {what}", address=self.alloc.virt(pfn), size=PAGE_SIZE << order,
            allocated=record and record[-1], freed=where,
        )  # fmt: skip
        count = self.pages.refcount(pfn)
        if count <= 0:
            # Below 0: nothing happens now. The next owner starts at 1 again; who owns the block frees a bad page later.
            self.pages.set_refcount(pfn, count - 1)

    def _what(self, pfn: Pfn) -> tuple[str, str]:
        state = self.alloc.nodes.state(pfn)
        if state == RESERVED:
            return "invalid-free", "a page that the kernel has reserved"
        if self.pages.page_flags(self.pages.compound_head(pfn)) & self.pages.PG_slab:
            return "mismatched-free", "a page that belongs to a slab"
        if self.pages.refcount(pfn) > 0:
            return "mismatched-free", "a page that alloc_pages() did not give out"
        head = next((h for h, (n, _, _) in self.alloc.live.items() if h < pfn < h + (1 << n)), None)
        if head is not None:
            return "invalid-free", f"page {pfn - head} of a block: only its first page can be freed"
        return "double-free", "pages that are free already"
