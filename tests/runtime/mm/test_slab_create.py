"""Creating and destroying caches; merging, as the real kernel merged its own."""

import csv
from pathlib import Path

import pytest

from runtime.errors import GuestFault, KernelPanic
from tests.runtime.mm.rig import ABI, Rig
from tests.runtime.mm.test_slab import CTOR, construct

C = ABI.const
GFP_KERNEL = C["GFP_KERNEL"]
DATA = Path(__file__).parent / "data"


def test_equal_caches_are_one_pointer_with_two_entries_in_the_books(rig: Rig) -> None:
    first = rig.slab.create("one", 1000, 0, 0, 0)
    second = rig.slab.create("two", 1000, 0, 0, 0)
    assert first == second
    cache = rig.slab.cache_at(first)
    assert cache is not None and (cache.name, cache.refcount) == ("one", 2)
    assert [entry[1] for entry in rig.ctx.books.caches.values()] == ["one", "two"]
    rig.slab.destroy(first)
    assert rig.slab.cache_at(first) is cache
    rig.slab.destroy(first)
    assert rig.slab.cache_at(first) is None and rig.ctx.books.caches == {}


@pytest.mark.parametrize(
    ("size", "align", "flags", "name"),
    [
        (64, 0, "0", "vmap_area"),
        (60, 0, "0", "vmap_area"),
        (56, 0, "0", "ftrace_event_field"),
        (100, 0, "SLAB_ACCOUNT", ""),
        (128, 0, "SLAB_HWCACHE_ALIGN", "kernfs_node_cache"),
        (200, 0, "SLAB_HWCACHE_ALIGN", "maple_node"),
        (64, 0, "SLAB_CACHE_DMA", ""),
        (64, 0, "SLAB_TYPESAFE_BY_RCU", ""),
        (64, 0, "SLAB_RED_ZONE", ""),
    ],
)
def test_a_module_shares_the_kernels_own_caches(rig: Rig, size: int, align: int, flags: str, name: str) -> None:
    cache = rig.slab.cache_at(rig.slab.create("module", size, align, C.get(flags, 0), 0))
    assert cache is not None and cache.name == (name or "module")


def test_caches_with_a_constructor_or_a_usercopy_region_stay_apart(rig: Rig) -> None:
    addresses = {
        rig.slab.create("plain", 1000, 0, 0, 0),
        rig.slab.create("ctor", 1000, 0, 0, CTOR),
        rig.slab.create("ctor", 1000, 0, 0, CTOR),
        rig.slab.create("copy", 1000, 0, 0, 0, 8, 16),
    }
    assert len(addresses) == 4


@pytest.mark.parametrize("option", [{"slub_nomerge": ""}, {"slab_nomerge": ""}, {"slub_debug": "FZPU"}])
def test_the_command_line_keeps_caches_apart(option: dict[str, str]) -> None:
    rig = Rig(cmdline=option)
    assert rig.slab.create("one", 64, 0, 0, 0) != rig.slab.create("two", 64, 0, 0, 0)


def test_the_kernels_own_caches_are_merged_as_the_real_kernel_merged_them(rig: Rig) -> None:
    with (DATA / "boot-caches-64.csv").open() as file:
        table = {row["name"]: row for row in csv.DictReader(file)}
    boot = rig.slab.boot_caches
    assert boot.names == [name for name in reversed(table) if name in boot.rows]
    for name in boot.names:
        cache, row = boot.make(name), table[name]
        ours = (cache.object_size, cache.size, cache.align, cache.refcount, cache.offset)
        theirs = tuple(int(row[key]) for key in ("object_size", "size", "align", "refcount", "offset"))
        assert ours == theirs, name


def test_the_rule_gives_the_same_merging_as_the_table(rig: Rig) -> None:
    from runtime.mm.slab_boot import merge

    assert merge(rig.slab) == rig.slab.boot_caches.into != {}


def test_a_larger_alias_makes_the_shared_cache_clear_more(rig: Rig) -> None:
    small = rig.slab.create("small", 1025, 0, 0, 0)
    large = rig.slab.create("large", 1030, 0, 0, 0)
    assert small == large and rig.slab.cache_size(small) == 1030
    objp = rig.slab.kmem_cache_alloc(small, GFP_KERNEL)
    rig.ctx.mem.fill(objp, 1030, 0xEE)
    rig.slab.kmem_cache_free(small, objp)
    assert rig.slab.kmem_cache_alloc(small, GFP_KERNEL) == objp
    assert rig.ctx.mem.read(objp, 1030) == bytes(1030)


def test_bad_flags_and_sizes_are_refused_with_linuxs_words(rig: Rig) -> None:
    assert rig.slab.create("badflags", 100, 0, 0x40, 0) == 0
    assert rig.slab.create("badsize", 5 << 20, 0, 0, 0) == 0
    assert rig.ctx.log == [
        "kmem_cache_create_usercopy(badflags) failed with error -22",
        "kmem_cache_create_usercopy(badsize) failed with error -22",
    ]
    assert rig.ctx.books.caches == {}


def test_slab_panic_panics_where_another_create_would_fail(rig: Rig) -> None:
    with pytest.raises(KernelPanic, match=r"Failed to create slab 'vital'\. Error -22"):
        rig.slab.create("vital", 5 << 20, 0, C["SLAB_PANIC"], 0)


def test_an_injected_failure_is_enomem(rig: Rig) -> None:
    class Always:
        def fails(self, kind: str, size: int, *_: object) -> bool:
            return (kind, size) == ("cache", 321)

    rig.ctx.plan = Always()
    assert rig.slab.create("unlucky", 321, 0, 0, 0) == 0
    assert rig.ctx.log == ["kmem_cache_create_usercopy(unlucky) failed with error -12"]


def test_a_bad_usercopy_region_is_dropped_with_a_warning(rig: Rig) -> None:
    first = rig.slab.cache_at(rig.slab.create("offset", 100, 0, 0, CTOR, 8, 0))
    second = rig.slab.cache_at(rig.slab.create("size", 100, 0, 0, CTOR, 0, 101))
    assert first is not None and second is not None
    assert [line for _, _, line in rig.ctx.warnings] == [320, 321]
    assert (second.useroffset, second.usersize) == (0, 0)


def test_destroying_a_cache_with_live_objects_warns_and_keeps_it(rig: Rig) -> None:
    address = rig.slab.create("aa_one", 100, 0, 0, CTOR)
    objp, _ = construct(rig.slab, address)
    rig.slab.destroy(address)
    assert rig.ctx.warnings == [("kmem_cache_destroy", "mm/slab_common.c", 493)]
    assert rig.ctx.log[1] == "BUG aa_one (Not tainted): Objects remaining in aa_one on __kmem_cache_shutdown()"
    assert rig.ctx.log[-1].startswith(f"Object 0x{objp:016x} @offset=")
    rig.slab.kmem_cache_free(address, objp)
    assert rig.ctx.books.slab == {}


def test_destroying_a_shared_cache_with_live_objects_says_nothing(rig: Rig) -> None:
    first, second = (rig.slab.create(name, 1000, 0, 0, 0) for name in ("one", "two"))
    objp = rig.slab.kmem_cache_alloc(second, GFP_KERNEL)
    rig.slab.destroy(first)
    assert rig.ctx.log == [] and rig.ctx.warnings == []
    assert rig.ctx.books.slab[objp][1] == 1000


def test_an_object_of_another_cache_is_freed_there_with_a_warning(rig: Rig) -> None:
    one, two = (rig.slab.create(name, size, 0, 0, CTOR) for name, size in (("aa_one", 100), ("bb_two", 200)))
    objp, _ = construct(rig.slab, one)
    rig.slab.kmem_cache_free(two, objp)
    assert rig.ctx.warnings == [("cache_from_obj", "mm/slab.h", 665)]
    assert rig.ctx.findings[0][0] == "mismatched-free" and rig.ctx.books.slab == {}
    rig.check()


def test_a_page_freed_to_a_cache_is_not_freed(rig: Rig) -> None:
    address = rig.slab.create("aa_one", 100, 0, 0, CTOR)
    pfn = rig.pages.alloc_pages(GFP_KERNEL)
    assert pfn is not None
    rig.slab.kmem_cache_free(address, rig.pages.virt(pfn))
    assert rig.ctx.warnings == [("cache_from_obj", "mm/slab.h", 630)]
    assert pfn in rig.ctx.books.pages


def test_null_as_a_cache_to_free_to_faults_as_in_linux(rig: Rig) -> None:
    with pytest.raises(GuestFault) as fault:
        rig.slab.kmem_cache_free(0, rig.slab.kmalloc(64, GFP_KERNEL))
    assert fault.value.address == 0x60


def test_null_as_a_cache_faults_as_in_linux(rig: Rig) -> None:
    with pytest.raises(GuestFault) as fault:
        rig.slab.kmem_cache_alloc(0, GFP_KERNEL)
    assert fault.value.address == 0x1C
    rig.slab.destroy(0)
    assert rig.ctx.findings == []


def test_a_destroyed_cache_is_noticed_when_it_is_used(rig: Rig) -> None:
    address = rig.slab.create("gone", 100, 0, 0, CTOR)
    rig.slab.destroy(address)
    assert rig.slab.kmem_cache_alloc(address, GFP_KERNEL) == 0
    assert rig.ctx.findings[0][0] == "bad-argument"


def test_struct_kmem_cache_is_true(rig: Rig) -> None:
    address = rig.slab.create("visible", 100, 0, C["SLAB_HWCACHE_ALIGN"], CTOR)
    cache = rig.slab.cache_at(address)
    assert cache is not None
    offset = ABI.offset
    word = lambda name: rig.ctx.mem.u32(address + offset("kmem_cache", name))  # noqa: E731
    assert (word("object_size"), word("size"), word("align"), word("refcount")) == (100, cache.size, 64, 1)
    assert rig.ctx.mem.cstr(rig.ctx.mem.u64(address + offset("kmem_cache", "name"))) == b"visible"
    assert rig.ctx.mem.u64(address + offset("kmem_cache", "ctor")) == CTOR
    assert word("oo") == cache.order << 16 | cache.objects


def test_a_kernel_function_uses_the_kernels_own_caches_by_name(rig: Rig) -> None:
    cache = rig.slab.own("vmap_area")
    assert rig.slab.own("vmap_area") is cache and rig.slab.cache_at(cache.address) is cache
    assert rig.slab.create("module", 64, 0, 0, 0) == cache.address
    assert rig.slab.own("pool_workqueue").name == "maple_node", "an alias"
    nodes = rig.slab.own("radix_tree_node")
    objp, constructed = construct(rig.slab, nodes.address)
    assert objp in constructed and len(constructed) == nodes.objects == 14
    with pytest.raises(KeyError):
        rig.slab.own("no_such_cache")


def test_a_shared_cache_of_the_kernels_never_becomes_empty(rig: Rig) -> None:
    address = rig.slab.create("module", 64, 0, 0, 0)
    objp = rig.slab.kmem_cache_alloc(address, GFP_KERNEL)
    rig.slab.kmem_cache_free(address, objp)
    assert rig.slab.shrink(address) == 1, "the kernel has objects in vmap_area"
    own = rig.slab.create("own", 3000, 0, 0, 0)
    rig.slab.kmem_cache_free(own, rig.slab.kmem_cache_alloc(own, GFP_KERNEL))
    assert rig.slab.shrink(own) == 0


def test_objects_of_no_size_need_a_constructor(rig: Rig) -> None:
    address = rig.slab.create("nothing", 0, 0, 0, CTOR)
    assert rig.slab.cache_size(address) == 0
    assert construct(rig.slab, address)[0] > 0
    assert rig.slab.create("nothing", 0, 0, 0, 0) == 0


def test_the_stack_depot_is_announced_once() -> None:
    rig = Rig(1 << 30)
    for name in ("one", "two"):
        rig.slab.create(name, 100, 0, C["SLAB_STORE_USER"], 0)
    assert rig.ctx.log == ["Stack Depot allocating hash table of 65536 entries with kvcalloc"]
