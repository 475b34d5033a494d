"""Page tables against a dict: page -> (phys, flags)."""

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from runtime.arch import x86_64 as arch
from runtime.errors import GuestFault
from runtime.units import PAGE_SIZE, GiB, MiB
from tests.runtime.tiny import Space

BASE = arch.VMALLOC_START
SPAN = 4 * MiB
PAGES = st.one_of(st.integers(0, 5), st.integers(505, 518), st.integers(1018, 1023))
COUNTS = st.integers(1, 12)
FRAMES = st.integers(0, 1000)
FLAGS = st.sampled_from([arch.KERNEL, arch.KERNEL_RO, arch.KERNEL_ROX])


class Tables(RuleBasedStateMachine):
    """4 MiB of address space: pages are mapped, unmapped, protected; 2 MiB are mapped in one piece."""

    def __init__(self) -> None:
        super().__init__()
        self.space = Space()
        self.model: dict[int, tuple[int, int]] = {}
        self.flushed = 0
        self.space.tables.flush = self.flush

    def flush(self) -> None:
        self.flushed += 1

    @rule(page=PAGES, frame=FRAMES, flags=FLAGS)
    def map_page(self, page: int, frame: int, flags: int) -> None:
        before = self.flushed
        self.space.tables.map_page(BASE + page * PAGE_SIZE, frame * PAGE_SIZE, flags)
        assert self.flushed > before or page not in self.model
        self.model[page] = frame, flags

    @rule(page=PAGES, frame=FRAMES, count=COUNTS, flags=FLAGS)
    def map_range(self, page: int, frame: int, count: int, flags: int) -> None:
        self.space.tables.map_range(BASE + page * PAGE_SIZE, frame * PAGE_SIZE, count * PAGE_SIZE, flags)
        self.model |= {page + i: (frame + i, flags) for i in range(count)}

    @rule(half=st.integers(0, 1), flags=FLAGS)
    def map_large(self, half: int, flags: int) -> None:
        self.space.tables.map_large(BASE + half * 2 * MiB, 2 * MiB, 21, flags)
        self.model |= {half * 512 + i: (512 + i, flags) for i in range(512)}

    @rule(page=PAGES)
    def unmap_page(self, page: int) -> None:
        before = self.flushed
        was = self.space.tables.unmap_page(BASE + page * PAGE_SIZE)
        frame, flags = self.model.pop(page, (0, 0))
        assert was == frame * PAGE_SIZE | flags
        assert not was or self.flushed > before

    @rule(page=PAGES, count=COUNTS)
    def unmap_range(self, page: int, count: int) -> None:
        entries = self.space.tables.unmap_range(BASE + page * PAGE_SIZE, count * PAGE_SIZE)
        expected = (self.model.pop(page + i, (0, 0)) for i in range(count))
        assert entries == [frame * PAGE_SIZE | flags for frame, flags in expected]

    @rule(page=PAGES, count=COUNTS, flags=FLAGS)
    def protect(self, page: int, count: int, flags: int) -> None:
        self.space.tables.protect(BASE + page * PAGE_SIZE, count * PAGE_SIZE, flags)
        for i in range(page, page + count):
            if i in self.model:
                self.model[i] = self.model[i][0], flags

    @rule(page=PAGES, write=st.booleans())
    def look(self, page: int, write: bool) -> None:
        """Fill the software TLB, which later changes must then keep true."""
        mem, virt = self.space.mem, BASE + page * PAGE_SIZE + 8
        frame, flags = self.model.get(page, (0, 0))
        allowed = arch.PTE_WRITE if write else arch.PTE_PRESENT
        try:
            assert (mem.phys_w if write else mem.phys)(virt) == frame * PAGE_SIZE + 8
            assert flags & allowed
        except GuestFault as fault:
            assert not flags & allowed and fault.address == virt and fault.write == write

    @invariant()
    def lookups_agree(self) -> None:
        for page in {*range(4), 507, 511, 512, 515, 1020, 1023, *list(self.model)[:3]}:
            phys, flags = self.space.tables.lookup(BASE + page * PAGE_SIZE + 0x123)
            frame, wanted = self.model.get(page, (0, 0))
            assert (phys, flags & ~arch.PTE_HUGE) == ((frame * PAGE_SIZE | 0x123, wanted) if wanted else (0, 0))


Tables.TestCase.settings = settings(max_examples=50, stateful_step_count=30, deadline=None)
TestTables = Tables.TestCase


def test_a_page_of_1_gib_is_split_as_far_as_needed() -> None:
    space = Space()
    space.tables.map_large(arch.PAGE_OFFSET, 0, 30, arch.KERNEL)
    assert space.tables.unmap_page(arch.PAGE_OFFSET + 0x201000) == 0x201000 | arch.KERNEL
    for phys in (0, 0x200FFF, 0x202000, GiB - 1):
        assert space.tables.lookup(arch.PAGE_OFFSET + phys)[0] == phys
    assert space.tables.lookup(arch.PAGE_OFFSET + 0x201000) == (0, 0)
    assert [len(space.tables.walk(arch.PAGE_OFFSET + phys)) for phys in (0, 0x200000)] == [3, 4]


def test_the_entries_of_a_split_page_are_searched_for_dirty_pages() -> None:
    space = Space()
    space.tables.map_large(arch.PAGE_OFFSET, 0, 30, arch.KERNEL)
    space.tables.unmap_page(arch.PAGE_OFFSET)
    directory = space.tables.walk(arch.PAGE_OFFSET)[1] & arch.PTE_PHYS
    assert space.tables.leaves == list(range(directory >> 3, (directory >> 3) + 512))


def test_a_large_page_takes_the_place_of_small_ones() -> None:
    space = Space()
    space.tables.map_page(BASE, 0x5000, arch.KERNEL)
    assert space.mem.phys(BASE) == 0x5000
    space.tables.map_large(BASE, 2 * MiB, 21, arch.KERNEL)
    assert space.mem.phys(BASE) == 2 * MiB
    space.tables.unmap_page(BASE)
    assert space.tables.lookup(BASE) == (0, 0) and space.tables.lookup(BASE + PAGE_SIZE)[0] == 2 * MiB + PAGE_SIZE


def test_part_of_a_page_is_mapped_as_a_whole_one() -> None:
    space = Space()
    space.tables.map_range(BASE, 0x5000, PAGE_SIZE + 1, arch.KERNEL)
    assert space.tables.lookup(BASE + 0x1FFF)[0] == 0x6FFF
    assert space.tables.lookup(BASE + 0x2000) == (0, 0)


def test_a_page_is_only_as_writable_and_executable_as_every_level_allows() -> None:
    space = Space()
    space.tables.map_page(BASE, 0x5000, arch.KERNEL & ~arch.PTE_NX)
    top = space.tables.root + (BASE >> 39 & 511) * 8
    space.ram.put64(top, space.ram.u64[top >> 3] & ~arch.PTE_WRITE | arch.PTE_NX)
    space.tables.forget()  # what leads to a known table is not read again
    flags = space.tables.lookup(BASE)[1]
    assert not flags & arch.PTE_WRITE and flags & arch.PTE_NX


def test_an_address_that_is_none_maps_to_nothing() -> None:
    space = Space()
    space.tables.map_page(0x7FFFFFFFF000, 0x5000, arch.KERNEL)
    assert space.tables.lookup(0x7FFFFFFFF010)[0] == 0x5010
    for virt in (0xFFFF7FFFFFFFF010, 0x800000000000, -8, 1 << 64):
        assert space.tables.lookup(virt) == (0, 0)


def test_a_walk_ends_where_something_is_absent() -> None:
    space = Space()
    assert space.tables.walk(BASE) == [0]
    space.tables.map_page(BASE, 0x5000, arch.KERNEL)
    assert len(space.tables.walk(BASE)) == 4
    assert space.tables.walk(BASE + PAGE_SIZE)[3] == 0


def test_what_was_forgotten_is_read_again_from_ram() -> None:
    space = Space()
    space.tables.map_page(BASE, 0x5000, arch.KERNEL)
    assert space.mem.phys(BASE) == 0x5000
    at = (space.tables.leaf_table(BASE) >> 3) + (BASE >> 12 & 511)
    space.ram.u64[at] = 0x6000 | arch.KERNEL
    assert space.mem.phys(BASE) == 0x5000
    space.tables.forget()
    assert space.mem.phys(BASE) == 0x6000
