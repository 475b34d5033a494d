"""What is undefined in memory holds a pattern; addresses stay the same, and so does what is defined."""

from typing import Any

import pytest

from runtime.mm.fill import Fill
from runtime.mm.slab import CONSTRUCT
from runtime.units import PAGE_SIZE
from tests.runtime.mm.rig import ABI, Rig

KERNEL, ZERO, COMP = (ABI.const[name] for name in ("GFP_KERNEL", "__GFP_ZERO", "__GFP_COMP"))
BYTE = 0xA5
CTOR = 0xFFFFFFFFC0001000


@pytest.fixture
def filled(rig: Rig) -> Rig:
    rig.slab.fill_from_now(Fill(rig.ctx.ram, BYTE))
    return rig


def content(rig: Rig, virt: int, size: int) -> set[int]:
    return set(rig.ctx.mem.read(virt, size))


@pytest.mark.parametrize("size", [8, 96, 100, 192, 4096, 8192, 9000, 100_000])
def test_kmalloc_gives_the_pattern_and_kzalloc_zeros(filled: Rig, size: int) -> None:
    assert content(filled, filled.slab.kmalloc(size, KERNEL), size) == {BYTE}
    assert content(filled, filled.slab.kmalloc(size, KERNEL | ZERO), size) == {0}


@pytest.mark.parametrize("order", [0, 1, 3, 5])
def test_pages_hold_the_pattern_unless_they_are_to_be_zero(filled: Rig, order: int) -> None:
    for gfp, byte in ((KERNEL, BYTE), (KERNEL | ZERO, 0), (KERNEL | COMP, BYTE)):
        pfn = filled.pages.alloc_pages(gfp, order)
        assert pfn is not None
        assert content(filled, filled.pages.virt(pfn), PAGE_SIZE << order) == {byte}


def test_vmalloc_gives_the_pattern_and_vzalloc_zeros(filled: Rig) -> None:
    assert content(filled, filled.vmalloc.vmalloc(10_000), 10_000) == {BYTE}
    assert content(filled, filled.vmalloc.vmalloc(10_000, KERNEL | ZERO), 10_000) == {0}


def test_what_is_allocated_again_holds_the_pattern_again(filled: Rig) -> None:
    objp = filled.slab.kmalloc(64, KERNEL)
    filled.ctx.mem.fill(objp, 64, 1)
    filled.slab.kfree(objp)
    assert filled.slab.kmalloc(64, KERNEL) == objp and content(filled, objp, 64) == {BYTE}


def test_memory_for_modules_and_cpus_is_clear(filled: Rig) -> None:
    assert content(filled, filled.vmalloc.module_alloc(9000), 3 * PAGE_SIZE) == {0}
    pointer = filled.percpu.alloc(300, 8, KERNEL)
    for virt in filled.percpu.copies(pointer):
        assert content(filled, virt, 300) == {0}


def test_the_kernels_own_objects_are_clear(filled: Rig) -> None:
    cache = filled.slab.kmalloc_slab(200, KERNEL)
    assert content(filled, filled.slab.internal(cache), 200) == {0}


def test_what_a_constructor_has_made_stays_and_the_rest_holds_the_pattern(filled: Rig) -> None:
    slab = filled.slab
    address = slab.create("built", 200, 0, 0, CTOR)
    assert slab.kmem_cache_alloc(address, KERNEL) == CONSTRUCT
    cache = slab.cache_at(address)
    assert cache is not None
    new = slab.begin_slab(cache, KERNEL)
    assert new is not None
    for objp in slab.objects_of(new.base):
        filled.ctx.mem.fill(objp, 100, 7)
    slab.finish_slab(new.base)
    objp = slab.take(cache, KERNEL, 200)
    assert content(filled, objp, 100) == {7} and content(filled, objp + 100, 100) == {BYTE}
    filled.ctx.mem.fill(objp, 200, 9)
    slab.kmem_cache_free(address, objp)
    assert slab.kmem_cache_alloc(address, KERNEL) == objp and content(filled, objp, 200) == {9}


def test_what_readers_may_still_use_keeps_its_contents(filled: Rig) -> None:
    slab = filled.slab
    address = slab.create("rcu", 200, 0, ABI.const["SLAB_TYPESAFE_BY_RCU"], 0)
    objp = slab.kmem_cache_alloc(address, KERNEL)
    assert content(filled, objp, 200) == {BYTE}, "a new slab"
    filled.ctx.mem.fill(objp, 200, 9)
    slab.kmem_cache_free(address, objp)
    assert slab.kmem_cache_alloc(address, KERNEL) == objp and content(filled, objp, 200) == {9}


def test_red_zones_stay_true(rig: Rig) -> None:
    checked = Rig(cmdline={"slub_debug": "FZPU"})
    checked.slab.fill_from_now(Fill(checked.ctx.ram, BYTE))
    objects = [checked.slab.kmalloc(100, KERNEL) for _ in range(50)]
    assert all(content(checked, objp, 100) == {BYTE} for objp in objects)
    for objp in objects:
        checked.slab.kfree(objp)
    assert checked.ctx.log == [] and checked.ctx.findings == []
    checked.check()


def scenario(rig: Rig) -> list[Any]:
    """Addresses of this and that."""
    got: list[Any] = []
    for size in (8, 64, 100, 5000, 20_000):
        got += [rig.slab.kmalloc(size, KERNEL) for _ in range(40)]
    for objp in got[::3]:
        rig.slab.kfree(objp)
    got += [rig.slab.kmalloc(64, KERNEL | ZERO) for _ in range(50)]
    got += [rig.pages.alloc_pages(KERNEL, order) for order in (0, 0, 2, 4)]
    return [*got, rig.vmalloc.vmalloc(9000), rig.percpu.alloc(100, 8, KERNEL)]


def test_addresses_are_the_same_and_the_free_lists_true(filled: Rig) -> None:
    assert scenario(filled) == scenario(Rig())
    filled.check()
    assert filled.ctx.findings == []


def test_without_a_fill_memory_is_debians_again(filled: Rig) -> None:
    filled.slab.kmalloc(64, KERNEL)
    filled.slab.fill_from_now(None)
    assert content(filled, filled.slab.kmalloc(64, KERNEL), 64) == {0}
    pfn = filled.pages.alloc_pages(KERNEL)
    assert pfn is not None and content(filled, filled.pages.virt(pfn), PAGE_SIZE) == {0}
