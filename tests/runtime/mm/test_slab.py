"""SLUB as a whole: a state machine against a plain model, constructors, CPUs, rewinding."""

from random import Random

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from runtime.mm.slab import CONSTRUCT, SlabAllocator
from runtime.units import MiB
from tests.runtime.mm.rig import ABI, Rig

C = ABI.const
GFP_KERNEL, GFP_ATOMIC = C["GFP_KERNEL"], C["GFP_ATOMIC"]
CTOR = 0xFFFFFFFFC0001000


def construct(slab: SlabAllocator, address: int, gfp: int = GFP_KERNEL) -> tuple[int, list[int]]:
    """What kapi does for a cache with a constructor: (object, those that were constructed)."""
    objp, seen = slab.kmem_cache_alloc(address, gfp), []
    while objp == CONSTRUCT:
        cache = slab.cache_at(address)
        assert cache is not None
        made = slab.begin_slab(cache, gfp)
        if made is None:
            return 0, seen
        seen += slab.objects_of(made.base)
        slab.finish_slab(made.base)
        objp = slab.take(cache, gfp, cache.object_size)
    return objp, seen


def test_each_object_of_a_slab_is_constructed_once_and_never_cleared(rig: Rig) -> None:
    address = rig.slab.create("with_ctor", 100, 0, 0, CTOR)
    objp, constructed = construct(rig.slab, address)
    cache = rig.slab.cache_at(address)
    assert cache is not None and len(constructed) == len(set(constructed)) == cache.objects
    assert objp == constructed[0], "the first one that is constructed is the first one handed out"
    rig.ctx.mem.write(objp, b"state")
    rig.slab.kmem_cache_free(address, objp)
    again, more = construct(rig.slab, address)
    assert (again, more) == (objp, []) and rig.ctx.mem.read(objp, 5) == b"state"


def test_gfp_zero_for_a_cache_with_a_constructor_warns(rig: Rig) -> None:
    address = rig.slab.create("with_ctor", 100, 0, 0, CTOR)
    construct(rig.slab, address, GFP_KERNEL | C["__GFP_ZERO"])
    assert rig.ctx.warnings == [("___slab_alloc", "mm/slub.c", 2001)]


def test_typesafe_caches_are_cleared_only_on_request(rig: Rig) -> None:
    address = rig.slab.create("rcu", 64, 0, C["SLAB_TYPESAFE_BY_RCU"], 0)
    objp = rig.slab.kmem_cache_alloc(address, GFP_KERNEL)
    rig.ctx.mem.write(objp, b"stays")
    rig.slab.kmem_cache_free(address, objp)
    assert rig.slab.kmem_cache_alloc(address, GFP_KERNEL) == objp
    assert rig.ctx.mem.read(objp, 5) == b"stays"
    rig.slab.kmem_cache_free(address, objp)
    assert rig.slab.kmem_cache_alloc(address, GFP_KERNEL | C["__GFP_ZERO"]) == objp
    assert rig.ctx.mem.read(objp, 5) == bytes(5)


def test_objects_freed_by_another_cpu_come_back_to_the_slab_that_they_are_of(rig: Rig) -> None:
    objects = [rig.slab.kmalloc(1024, GFP_KERNEL) for _ in range(15)]
    rig.ctx.cpu = 1
    for objp in objects:
        rig.slab.kfree(objp)
    rig.check()
    rig.ctx.cpu = 0
    assert {rig.slab.kmalloc(1024, GFP_KERNEL) for _ in range(15)} == set(objects)


def test_empty_slabs_beyond_the_minimum_go_back_to_the_page_allocator(rig: Rig) -> None:
    address = rig.slab.create("large", 4000, 0, 0, 0)
    cache = rig.slab.cache_at(address)
    assert cache is not None
    rig.pages.drain_all()
    before = rig.pages.counts()
    objects = [rig.slab.kmem_cache_alloc(address, GFP_KERNEL) for _ in range(400)]
    for objp in objects:
        rig.slab.kmem_cache_free(address, objp)
    # A CPU keeps its slab and some partial ones, the node a few more.
    assert len(cache.slabs) <= 1 + cache.cpu_partial_slabs + cache.min_partial + 1
    assert rig.slab.shrink(address) == 0 and cache.slabs == {}
    rig.pages.drain_all()
    assert rig.pages.counts() == before


def test_struct_page_of_a_slab_is_true(rig: Rig) -> None:
    address = rig.slab.create("hundred", 100, 0, 0, CTOR)
    objp, _ = construct(rig.slab, address)
    cache = rig.slab.cache_at(address)
    assert cache is not None
    slab = ABI.view("slab")(rig.ctx.mem, rig.pages.pages.page(rig.pages.pfn_of(objp)))
    assert slab.slab_cache == address
    assert (slab.objects, slab.inuse, slab.frozen, slab.freelist) == (cache.objects, cache.objects, 1, 0)
    rig.slab.flush(cache)
    assert (slab.objects, slab.inuse, slab.frozen) == (cache.objects, 1, 0)
    assert slab.freelist == slab.freelist & -8 and slab.freelist in cache.masks


def test_addresses_are_the_same_in_every_run() -> None:
    def run() -> list[int]:
        rig = Rig()
        address = rig.slab.create("mine", 200, 0, 0, 0)
        return [rig.slab.kmalloc(64, GFP_KERNEL) for _ in range(70)] + [rig.slab.kmem_cache_alloc(address, GFP_KERNEL)]

    assert run() == run()


def test_a_rewind_brings_back_every_list() -> None:
    rig = Rig(journal=True)
    slab, random = rig.slab, Random(3)
    keep = [slab.kmalloc(size, GFP_KERNEL) for size in (8, 64, 64, 500, 4000, 20000)]

    def state() -> object:
        caches = {
            c.name: ([list(f) for f in c.cpu_free], list(c.cpu_slab), len(c.partial), sorted(c.slabs))
            for c in slab.used_caches()
        }
        return caches, dict(rig.ctx.books.slab), rig.pages.counts(), sorted(rig.vmalloc.areas), sorted(slab.made)

    ram, before, mark = rig.ctx.ram.mem[:], state(), rig.ctx.undo.mark()
    live = list(keep)
    for step in range(600):
        rig.ctx.cpu = step % 2
        if live and random.random() < 0.45:
            slab.kfree(live.pop(random.randrange(len(live))))
        else:
            live.append(slab.kmalloc(random.choice((8, 64, 96, 500, 2000, 20000)), GFP_KERNEL))
    address = slab.create("temporary", 777, 0, 0, CTOR)
    construct(slab, address)
    rig.vmalloc.vmalloc(9000)
    rig.percpu.alloc(64, 8)
    rig.ctx.undo.rewind(mark)
    rig.ctx.ram.mem[:] = ram
    rig.ctx.tables.readable.clear()
    rig.ctx.tables.writable.clear()
    rig.ctx.cpu = 0
    assert state() == before
    rig.check()
    for objp in keep:
        slab.kfree(objp)
    assert rig.ctx.findings == []


class SlabMachine(RuleBasedStateMachine):
    """The model: address -> (size, the byte that fills it). Objects do not overlap and keep their contents."""

    def __init__(self) -> None:
        super().__init__()
        self.rig = Rig(32 * MiB)
        self.slab = self.rig.slab
        self.rig.pages.drain_all()
        self.pages_before = self.all_pages()
        self.live: dict[int, tuple[int, int]] = {}
        self.own: dict[int, int] = {}  # caches of ours: address -> object size
        self.fill = 0

    def all_pages(self) -> int:
        """Free pages and those in slabs."""
        return self.rig.pages.counts()["free"] + sum(cache.pages for cache in self.slab.used_caches())

    def note(self, objp: int, size: int, cleared: bool) -> None:
        assert objp > 0
        assert all(objp + size <= other or other + n <= objp for other, (n, _) in self.live.items()), "overlap"
        assert not cleared or self.rig.ctx.mem.read(objp, size) == bytes(size)
        self.fill = self.fill % 255 + 1
        self.rig.ctx.mem.fill(objp, size, self.fill)
        self.live[objp] = (size, self.fill)

    @rule(size=st.one_of(st.integers(1, 300), st.sampled_from([8, 96, 192, 512, 1000, 4096, 8192, 8193, 30000])))
    def kmalloc(self, size: int) -> None:
        self.note(self.slab.kmalloc(size, GFP_KERNEL), size, True)

    @precondition(lambda self: len(self.own) < 4)
    @rule(size=st.integers(1, 2000), ctor=st.booleans(), aligned=st.booleans())
    def create(self, size: int, ctor: bool, aligned: bool) -> None:
        flags = C["SLAB_HWCACHE_ALIGN"] if aligned else 0
        address = self.slab.create("mine", size, 0, flags, CTOR if ctor else 0)
        cache = self.slab.cache_at(address)
        assert address and cache is not None
        self.own[address] = min(size, self.own.get(address, size))

    @precondition(lambda self: self.own)
    @rule(which=st.integers(0, 100))
    def cache_alloc(self, which: int) -> None:
        address = sorted(self.own)[which % len(self.own)]
        cache = self.slab.cache_at(address)
        assert cache is not None
        self.note(construct(self.slab, address)[0], self.own[address], not cache.ctor)

    @precondition(lambda self: self.live)
    @rule(which=st.integers(0, 1 << 30))
    def free(self, which: int) -> None:
        objp = sorted(self.live)[which % len(self.live)]
        size, byte = self.live.pop(objp)
        assert self.rig.ctx.mem.read(objp, size) == bytes([byte]) * size, "somebody else wrote to a live object"
        self.slab.kfree(objp)

    @precondition(lambda self: self.own)
    @rule(which=st.integers(0, 100))
    def shrink(self, which: int) -> None:
        self.slab.shrink(sorted(self.own)[which % len(self.own)])

    @rule(cpu=st.integers(0, 1))
    def migrate(self, cpu: int) -> None:
        self.rig.ctx.cpu = cpu

    @invariant()
    def lists_and_struct_pages_agree(self) -> None:
        self.slab.check()
        assert set(self.rig.ctx.books.slab) == set(self.live)

    def teardown(self) -> None:
        for objp in self.live:
            self.slab.kfree(objp)
        for handle in list(self.rig.ctx.books.caches.values()):
            self.slab.destroy(handle[0].address)
        for cache in self.slab.used_caches():
            self.slab.shrink(cache.address)
        self.rig.check()
        assert self.rig.ctx.findings == [] and self.rig.ctx.warnings == []
        self.rig.pages.drain_all()
        assert self.all_pages() == self.pages_before
        # What is left holds the kernel's own objects.
        left = [cache for cache in self.slab.used_caches() if cache is not self.slab.kmem_cache]
        assert all(len(cache.slabs) <= 1 for cache in left)


# 100 runs of 100 steps: 10,000 steps.
SlabMachine.TestCase.settings = settings(max_examples=100, stateful_step_count=100, deadline=None, print_blob=True)
TestSlabMachine = SlabMachine.TestCase
