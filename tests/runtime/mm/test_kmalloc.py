"""kmalloc: classes, sizes, zeroing, large allocations; frees of what is not live, as the real kernel answers them."""

import csv
from pathlib import Path

import pytest

from runtime.errors import GuestFault, KernelBug
from runtime.mm.kmalloc import short
from tests.runtime.mm.rig import ABI, Rig

C = ABI.const
GFP_KERNEL = C["GFP_KERNEL"]
DATA = Path(__file__).parent / "data"


@pytest.mark.parametrize("debug", ["", "FZPU"])
def test_ksize_is_the_real_kernels_for_every_size(debug: str) -> None:
    rig = Rig(cmdline={"slub_debug": debug} if debug else {})
    with (DATA / "kmalloc-sizes-64.csv").open() as file:
        table = [row for row in csv.DictReader(file) if row["debug"] == debug]
    assert len(table) == 14
    for row in table:
        for size in {int(row["from"]), int(row["to"]), (int(row["from"]) + int(row["to"])) // 2}:
            objp = rig.slab.kmalloc(size, GFP_KERNEL)
            assert rig.slab.ksize(objp) == rig.slab.size_roundup(size) == int(row["ksize"]), size
            rig.slab.kfree(objp)
    assert rig.ctx.findings == []


def test_an_object_is_aligned_to_its_size_where_that_is_a_power_of_two(rig: Rig) -> None:
    for size in (8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096, 8192):
        for _ in range(5):
            assert rig.slab.kmalloc(size, GFP_KERNEL) % size == 0


def test_an_object_is_cleared_and_the_neighbours_are_left_alone(rig: Rig) -> None:
    objects = [rig.slab.kmalloc(96, GFP_KERNEL) for _ in range(40)]
    for objp in objects:
        rig.ctx.mem.write(objp, b"\xee" * 96)
    rig.slab.kfree(objects[20])
    again = rig.slab.kmalloc(90, GFP_KERNEL)
    assert again == objects[20] and rig.ctx.mem.read(again, 96) == bytes(96)
    for objp in objects[:20] + objects[21:]:
        assert rig.ctx.mem.read(objp, 96) == b"\xee" * 96


def test_a_freed_object_keeps_its_contents_but_for_the_free_pointer(rig: Rig) -> None:
    objp = rig.slab.kmalloc(64, GFP_KERNEL)
    rig.ctx.mem.write(objp, b"\x11" * 64)
    rig.slab.kfree(objp)
    left = rig.ctx.mem.read(objp, 64)
    assert left[:32] == b"\x11" * 32 and left[40:] == b"\x11" * 24
    assert left[32:40] != b"\x11" * 8


def test_zero_bytes_are_a_pointer_that_is_never_followed(rig: Rig) -> None:
    assert rig.slab.kmalloc(0, GFP_KERNEL) == 16
    rig.slab.kfree(16)
    rig.slab.kfree(0)
    assert rig.slab.ksize(16) == rig.slab.ksize(0) == 0
    assert rig.ctx.findings == []


@pytest.mark.parametrize(
    ("flag", "name"),
    [
        ("GFP_KERNEL", "kmalloc-128"),
        ("GFP_KERNEL_ACCOUNT", "kmalloc-cg-128"),
        ("GFP_DMA", "dma-kmalloc-128"),
        ("__GFP_RECLAIMABLE", "kmalloc-rcl-128"),
    ],
)
def test_the_flags_choose_the_type_of_cache(rig: Rig, flag: str, name: str) -> None:
    objp = rig.slab.kmalloc(100, C[flag])
    cache = rig.ctx.books.slab[objp][0]
    assert cache.name == name
    if name.startswith("dma"):
        assert rig.pages.nodes.zone(rig.pages.pfn_of(objp)).name == "DMA"


def test_a_constant_size_and_a_variable_one_use_the_same_cache(rig: Rig) -> None:
    address = rig.slab.kmalloc_address(C["KMALLOC_NORMAL"], 7)
    first = rig.slab.kmalloc_trace(address, GFP_KERNEL, 100)
    second = rig.slab.kmalloc(100, GFP_KERNEL)
    assert rig.ctx.books.slab[first][0] is rig.ctx.books.slab[second][0]
    assert rig.slab.kmalloc_address(C["KMALLOC_NORMAL"], 0) == 0


def test_what_a_module_needs_is_there_when_it_is_loaded(rig: Rig) -> None:
    slab, places = rig.slab, ((C["KMALLOC_NORMAL"], 7), (C["KMALLOC_DMA"], 2))
    offsets = [8 * (kind * (slab.top_index + 1) + index) for kind, index in places]
    slab.expect([-8, 0, *offsets, 1 << 20], creates=True)
    assert [cache.name for cache in slab.used_caches()] == ["kmem_cache", "kmalloc-128", "dma-kmalloc-192"]
    before = slab.slab_pages()
    assert slab.kmalloc_trace(slab.kmalloc_address(*places[0]), GFP_KERNEL, 100)
    assert slab.internal(slab.kmem_cache)
    assert slab.slab_pages() == before
    rig.check()


def test_more_than_8_kib_is_a_compound_page(rig: Rig) -> None:
    objp = rig.slab.kmalloc(8193, GFP_KERNEL)
    pfn = rig.pages.pfn_of(objp)
    assert objp % 4096 == 0 and rig.pages.pages.compound_order(pfn) == 2
    assert rig.slab.ksize(objp) == 16384
    rig.slab.kfree(objp)
    assert rig.pages.pages.compound_order(pfn) == 0 and rig.ctx.findings == []


def test_the_limit_is_4_mib_with_one_warning(rig: Rig) -> None:
    largest = rig.slab.kmalloc(4 << 20, GFP_KERNEL)
    assert largest
    rig.slab.kfree(largest)
    assert rig.slab.kmalloc((4 << 20) + 1, GFP_KERNEL) == 0
    assert rig.slab.kmalloc(8 << 20, GFP_KERNEL) == 0
    assert rig.ctx.warnings == [("__alloc_pages", "mm/page_alloc.c", 5634)]


def test_krealloc_stays_where_the_cache_has_room(rig: Rig) -> None:
    objp = rig.slab.kmalloc(40, GFP_KERNEL)
    assert rig.slab.krealloc_size(objp, 64, GFP_KERNEL) == (True, 64)
    assert rig.slab.krealloc_size(objp, 65, GFP_KERNEL) == (False, 64)
    assert rig.slab.krealloc_size(0, 5, GFP_KERNEL) == (False, 0)


def test_a_double_free_in_a_row_is_a_bug_and_a_finding(rig: Rig) -> None:
    objp = rig.slab.kmalloc(64, GFP_KERNEL)
    rig.slab.kfree(objp)
    with pytest.raises(KernelBug) as bug:
        rig.slab.kfree(objp)
    assert bug.value.site == "slab_double_free"
    assert [kind for kind, _ in rig.ctx.findings] == ["double-free"]


def test_a_double_free_with_another_in_between_goes_unnoticed_by_linux(rig: Rig) -> None:
    rig.ctx.keep_freed = True
    first, second = (rig.slab.kmalloc(64, GFP_KERNEL) for _ in range(2))
    rig.slab.kfree(first)
    rig.slab.kfree(second)
    rig.slab.kfree(first)
    assert [kind for kind, _ in rig.ctx.findings] == ["double-free"]
    assert rig.ctx.details[0]["allocated"] == rig.ctx.details[0]["freed"] == (1, 2, 3, 4, 5)
    assert rig.slab.kmalloc(64, GFP_KERNEL) == second and rig.slab.kmalloc(64, GFP_KERNEL) == first
    rig.check()


def test_a_pointer_into_an_object_is_an_invalid_free(rig: Rig) -> None:
    objp = rig.slab.kmalloc(64, GFP_KERNEL)
    rig.slab.kfree(objp + 8)
    assert rig.ctx.findings == [("invalid-free", "free of an address 8 bytes into an object of kmalloc-64")]
    rig.slab.kfree(objp)
    assert len(rig.ctx.findings) == 1


def test_kfree_of_a_vmalloc_address_faults_where_the_real_kernel_does(rig: Rig) -> None:
    with pytest.raises(GuestFault) as fault:
        rig.slab.kfree(0xFFFFC90000035000)
    assert fault.value.address == 0xFFFFEB0200000D48  # as the real kernel reported it
    assert [kind for kind, _ in rig.ctx.findings] == ["invalid-free"]


def test_kfree_of_garbage_faults_at_the_struct_page_that_it_would_have(rig: Rig) -> None:
    with pytest.raises(GuestFault) as fault:
        rig.slab.kfree(0x1234000)
    assert fault.value.address == 0xFFFFEBDE00048D08


def test_kfree_of_a_page_warns_and_frees_it(rig: Rig) -> None:
    pfn = rig.pages.alloc_pages(GFP_KERNEL)
    assert pfn is not None
    rig.slab.kfree(rig.pages.virt(pfn))
    assert rig.ctx.warnings == [("free_large_kmalloc", "mm/slab_common.c", 904)]
    assert rig.ctx.log[0].startswith("object pointer: 0x")
    assert rig.ctx.books.pages == {} and rig.ctx.findings[0][0] == "mismatched-free"
    assert rig.pages.alloc_pages(GFP_KERNEL) == pfn


def test_flags_that_mean_nothing_to_a_slab_are_dropped_loudly(rig: Rig) -> None:
    address = rig.slab.create("own", 100, 0, 0, 1)
    cache = rig.slab.cache_at(address)
    assert cache is not None and rig.slab.begin_slab(cache, GFP_KERNEL | C["__GFP_HIGHMEM"])
    assert rig.ctx.log == ["Unexpected gfp: 0x2 (__GFP_HIGHMEM). Fixing up to gfp: 0xcc0 (GFP_KERNEL). Fix your code!"]


def test_writing_to_a_freed_object_breaks_the_free_list_as_in_linux(rig: Rig) -> None:
    objp = rig.slab.kmalloc(64, GFP_KERNEL)
    rig.slab.kfree(objp)
    rig.ctx.mem.write(objp, b"A" * 64)
    assert rig.slab.kmalloc(64, GFP_KERNEL) == objp, "the object itself is still handed out"
    assert rig.ctx.findings[0][0] == "use-after-free"
    with pytest.raises(GuestFault):
        rig.slab.kmalloc(64, GFP_KERNEL)


@pytest.mark.parametrize(("size", "text"), [(8, "8"), (512, "512"), (1024, "1k"), (8192, "8k")])
def test_sizes_are_named_as_in_slabinfo(size: int, text: str) -> None:
    assert short(size) == text


def test_ksize_of_a_freed_object_is_a_use_after_free(rig: Rig) -> None:
    objp = rig.slab.kmalloc(64, GFP_KERNEL)
    rig.slab.kfree(objp)
    assert rig.slab.ksize(objp) == 64, "Linux does not notice"
    assert [kind for kind, _ in rig.ctx.findings] == ["use-after-free"]
