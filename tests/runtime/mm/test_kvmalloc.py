"""kvmalloc: kmalloc where it is easy, vmalloc where it is not."""

from runtime.mm.kvmalloc import kvfree, kvmalloc
from tests.runtime.mm.rig import ABI, Rig

C = ABI.const
GFP_KERNEL, GFP_ATOMIC = C["GFP_KERNEL"], C["GFP_ATOMIC"]


class NoSlab:
    """kmalloc() never works; what flags was it asked with?"""

    gfp = 0

    def fails(self, kind: str, size: int, gfp: int, stack: tuple[int, ...], what: str = "") -> bool:
        if kind == "slab":
            self.gfp = gfp
        return kind == "slab"


def test_a_large_block_falls_back_to_vmalloc(rig: Rig) -> None:
    easy = kvmalloc(rig.slab, rig.vmalloc, 20000, GFP_KERNEL)
    assert easy in rig.ctx.books.slab
    rig.ctx.plan = plan = NoSlab()
    hard = kvmalloc(rig.slab, rig.vmalloc, 20000, GFP_KERNEL)
    assert hard in rig.ctx.books.vmalloc
    assert plan.gfp == GFP_KERNEL | C["__GFP_NOWARN"] | C["__GFP_NORETRY"]
    for virt in (easy, hard, 0):
        kvfree(rig.slab, rig.vmalloc, virt)
    assert rig.ctx.books.slab == {} and rig.ctx.books.vmalloc == {} and rig.ctx.findings == []


def test_a_page_or_less_and_atomic_flags_do_not_fall_back(rig: Rig) -> None:
    rig.ctx.plan = NoSlab()
    assert kvmalloc(rig.slab, rig.vmalloc, 4096, GFP_KERNEL) == 0
    assert kvmalloc(rig.slab, rig.vmalloc, 20000, GFP_ATOMIC) == 0


def test_a_crazy_size_warns_once(rig: Rig) -> None:
    quiet = GFP_KERNEL | C["__GFP_NOWARN"]
    assert kvmalloc(rig.slab, rig.vmalloc, 1 << 32, quiet) == 0
    assert ("kvmalloc_node", "mm/util.c", 596) not in rig.ctx.warnings
    assert kvmalloc(rig.slab, rig.vmalloc, 1 << 32, GFP_KERNEL) == 0
    assert ("kvmalloc_node", "mm/util.c", 596) in rig.ctx.warnings
