"""vmalloc: guard pages, scattered pages, late reuse of addresses, and misuse as the real kernel answers it."""

from itertools import pairwise
from random import Random

import pytest

from runtime.arch import x86_64
from runtime.errors import GuestFault, KernelBug
from runtime.units import MiB
from tests.runtime.mm.rig import ABI, Rig

C = ABI.const
GFP_KERNEL = C["GFP_KERNEL"]


def test_an_area_is_mapped_cleared_and_guarded(rig: Rig) -> None:
    virt = rig.vmalloc.vmalloc(5000)
    assert virt == x86_64.VMALLOC_START
    rig.ctx.mem.write(virt, b"x" * 8192)
    with pytest.raises(GuestFault) as fault:
        rig.ctx.mem.write(virt + 8190, b"abc")
    assert fault.value.address == virt + 8192
    rig.vmalloc.vfree(virt)
    with pytest.raises(GuestFault):
        rig.ctx.mem.read(virt, 1)
    again = rig.vmalloc.vmalloc(5000)
    assert rig.ctx.mem.read(again, 8192) == bytes(8192)


def test_pages_come_from_anywhere_and_go_back(rig: Rig) -> None:
    rig.pages.drain_all()
    before = rig.pages.counts()["free"]
    holes = [rig.pages.alloc_pages(GFP_KERNEL) for _ in range(64)]
    for pfn in holes[::2]:
        assert pfn is not None
        rig.pages.free_pages(pfn)
    virt = rig.vmalloc.vmalloc(20 * 4096)
    pfns = [rig.vmalloc.to_pfn(virt + 4096 * i) for i in range(20)]
    assert len(set(pfns)) == 20 and any(b - a != 1 for a, b in pairwise(pfns) if a and b)
    rig.vmalloc.vfree(virt)
    for pfn in holes[1::2]:
        assert pfn is not None
        rig.pages.free_pages(pfn)
    rig.pages.drain_all()
    assert rig.pages.counts()["free"] == before


def test_freed_addresses_are_used_again_only_after_a_purge(rig: Rig) -> None:
    first = rig.vmalloc.vmalloc(4096)
    rig.vmalloc.vfree(first)
    assert rig.vmalloc.vmalloc(4096) == first + 2 * 4096
    rig.vmalloc.purge()
    assert rig.vmalloc.vmalloc(4096) == first


def test_a_purge_comes_by_itself_when_enough_was_freed(rig: Rig) -> None:
    space = rig.vmalloc.space
    space.lazy_max = 100
    seen = set()
    for _ in range(60):
        virt = rig.vmalloc.vmalloc(4096)
        rig.vmalloc.vfree(virt)
        seen.add(virt)
    assert 50 <= len(seen) < 60


def test_the_books_have_the_size_that_was_asked_for(rig: Rig) -> None:
    virt = rig.vmalloc.vmalloc(5000, GFP_KERNEL | C["__GFP_ZERO"])
    assert rig.ctx.books.vmalloc == {virt: (5000, GFP_KERNEL | C["__GFP_ZERO"], (1, 2, 3, 4, 5))}
    rig.vmalloc.vfree(virt)
    assert rig.ctx.books.vmalloc == {}


def test_more_than_there_is_fails_with_the_kernels_words(rig: Rig) -> None:
    assert rig.vmalloc.vmalloc(1 << 40) == 0
    assert rig.ctx.log[0] == (
        "insmod: vmalloc error: size 1099511627776, exceeds total pages, mode:0xcc0(GFP_KERNEL), nodemask=(null)"
        ",cpuset=/,mems_allowed=0"
    )
    assert rig.ctx.log[1] == "Mem-Info:"


def test_an_area_that_does_not_get_all_its_pages_gives_them_back() -> None:
    rig = Rig(16 * MiB)
    rig.ctx.oom_kill = lambda gfp, order: False
    rig.pages.drain_all()
    before = rig.pages.counts()["free"]
    assert rig.vmalloc.vmalloc(rig.vmalloc.total_pages * 4096) == 0
    assert rig.ctx.log[0].startswith("insmod: vmalloc error: size ")
    assert ", page order 0, failed to allocate pages, mode:0xcc0(GFP_KERNEL)" in rig.ctx.log[0]
    rig.pages.drain_all()
    assert rig.pages.counts()["free"] == before and rig.vmalloc.areas == {}


def test_zero_bytes_warn_once(rig: Rig) -> None:
    assert rig.vmalloc.vmalloc(0) == rig.vmalloc.vmalloc(0) == 0
    assert rig.ctx.warnings == [("__vmalloc_node_range", "mm/vmalloc.c", 3227)]


def test_atomic_context_is_a_finding_and_interrupts_a_bug(rig: Rig) -> None:
    rig.ctx.atomic = True
    virt = rig.vmalloc.vmalloc(100)
    rig.vmalloc.vfree(virt)
    assert [kind for kind, _ in rig.ctx.findings] == ["sleep-in-atomic"] * 2
    rig.ctx.interrupt = True
    with pytest.raises(KernelBug):
        rig.vmalloc.vmalloc(100)
    rig.ctx.in_nmi = lambda: True
    with pytest.raises(KernelBug) as bug:
        rig.vmalloc.vfree(virt)
    assert bug.value.site == "vfree_in_nmi"


@pytest.mark.parametrize(
    ("shift", "kind", "line"), [(8, "invalid-free", 2752), (1 << 30, "invalid-free", 2758), (0, "double-free", 2758)]
)
def test_bad_addresses_are_findings_and_warnings(rig: Rig, shift: int, kind: str, line: int) -> None:
    virt = rig.vmalloc.vmalloc(100)
    if not shift:
        rig.vmalloc.vfree(virt)
    rig.vmalloc.vfree(virt + shift)
    assert [found for found, _ in rig.ctx.findings] == [kind]
    assert rig.ctx.warnings == [("__vunmap", "mm/vmalloc.c", line)]


def test_vfree_of_a_kmalloc_address_says_whose_it_is(rig: Rig) -> None:
    objp = rig.slab.kmalloc(64, GFP_KERNEL)
    rig.vmalloc.vfree(objp)
    assert rig.ctx.findings == [("mismatched-free", "vfree() of memory that kmalloc() gave")]


def test_any_page_of_an_area_frees_it(rig: Rig) -> None:
    virt = rig.vmalloc.vmalloc(3 * 4096)
    rig.vmalloc.vfree(virt + 4096)
    assert rig.vmalloc.areas == {} and rig.ctx.findings == []


def test_vmap_shows_pages_that_stay_their_owners(rig: Rig) -> None:
    pfns = [rig.pages.alloc_pages(GFP_KERNEL) for _ in range(3)]
    known = [pfn for pfn in pfns if pfn is not None]
    virt = rig.vmalloc.vmap(known[::-1])
    rig.ctx.mem.write(virt, b"last")
    assert rig.ctx.mem.read(rig.pages.virt(known[2]), 4) == b"last"
    rig.vmalloc.vunmap(virt)
    assert sorted(rig.ctx.books.pages) == sorted(known) and rig.ctx.books.vmalloc == {}


def test_a_page_that_is_mapped_twice_and_given_away_is_freed_once(rig: Rig) -> None:
    pfn = rig.pages.get_pages(GFP_KERNEL, 0)
    assert pfn is not None
    before = rig.pages.counts()["pcp"]
    rig.vmalloc.vfree(rig.vmalloc.vmap([pfn, pfn], owned=True))
    assert rig.pages.counts()["pcp"] == before + 1
    assert rig.pages.pages.refcount(pfn) == -1
    assert rig.pages.get_pages(GFP_KERNEL, 0) == pfn != rig.pages.get_pages(GFP_KERNEL, 0)


def test_modules_live_in_the_top_2_gib(rig: Rig) -> None:
    first, second = rig.vmalloc.module_alloc(20000), rig.vmalloc.module_alloc(1)
    assert first == x86_64.MODULES_VADDR and second == first + 6 * 4096
    assert rig.ctx.books.vmalloc == {}
    rig.vmalloc.module_free(first)
    rig.vmalloc.module_free(0)
    rig.vmalloc.check()


def test_vmallocinfo_is_in_linuxs_format(rig: Rig) -> None:
    rig.ctx.symbol = lambda address: "m_init+0x10/0x1000 [m]"
    first, second = rig.vmalloc.vmalloc(5000), rig.vmalloc.reserve(16384, "vmap")
    assert rig.vmalloc.proc_text() == (
        f"0x{first:016x}-0x{first + 12288:016x}   12288 m_init+0x10/0x1000 [m] pages=2 vmalloc N0=2\n"
        f"0x{second:016x}-0x{second + 20480:016x}   20480 m_init+0x10/0x1000 [m] vmap\n"
    )


def test_much_use_leaves_no_trace(rig: Rig) -> None:
    random, live = Random(5), []
    rig.pages.drain_all()
    before = rig.pages.counts()["free"]
    for _ in range(300):
        if live and random.random() < 0.5:
            rig.vmalloc.vfree(live.pop(random.randrange(len(live))))
        else:
            live.append(rig.vmalloc.vmalloc(random.randrange(1, 40000)))
        rig.vmalloc.check()
    for virt in live:
        rig.vmalloc.vfree(virt)
    rig.pages.drain_all()
    assert rig.pages.counts()["free"] == before and rig.ctx.findings == []
