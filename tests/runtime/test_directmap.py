"""All of RAM at PAGE_OFFSET: at once, or on a rewindable machine 2 MiB at a time."""

import pytest

from runtime.arch import x86_64 as arch
from runtime.directmap import DirectMap
from runtime.errors import GuestFault
from runtime.snapshot import Snapshots
from runtime.units import PAGE_SIZE, GiB, MiB
from tests.runtime.tiny import Space

RAM = 6 * MiB
OFFSET = arch.PAGE_OFFSET


class Mapped(Space):
    """6 MiB of RAM, then the direct map's tables, then the others."""

    def __init__(self, journal: bool) -> None:
        room = DirectMap.room(RAM)
        super().__init__(journal, RAM + room + 1 * MiB, RAM + room)
        self.direct = DirectMap(self.ram, self.tables, self.undo, RAM, RAM)
        self.mem.lazy = self.direct.fill
        self.snapshots = Snapshots(self.ram, self.tables, RAM)

    def mark(self) -> tuple[int, int]:
        return self.undo.mark(), self.snapshots.mark()

    def rewind(self, mark: tuple[int, int]) -> None:
        self.snapshots.rewind(mark[1])
        self.undo.rewind(mark[0])


@pytest.fixture(params=[False, True], ids=["large", "small"])
def space(request: pytest.FixtureRequest) -> Mapped:
    return Mapped(request.param)


def test_every_byte_of_ram_is_there(space: Mapped) -> None:
    for phys in (0, 1, 0x1FFFFF, 0x200000, 0x3FF123, RAM - 1):
        assert space.mem.phys(OFFSET + phys) == phys == space.mem.phys_w(OFFSET + phys)


def test_it_is_not_executable(space: Mapped) -> None:
    space.mem.u8(OFFSET)
    assert space.tables.lookup(OFFSET)[1] & arch.PTE_NX


def test_single_pages_can_be_unmapped_before_anybody_looked(space: Mapped) -> None:
    virt = OFFSET + 0x201000
    assert space.tables.unmap_page(virt) & arch.PTE_PHYS == 0x201000
    with pytest.raises(GuestFault):
        space.mem.u8(virt)
    assert space.mem.phys(virt - 1) == 0x200FFF and space.mem.phys(virt + PAGE_SIZE) == 0x202000
    space.tables.map_page(virt, 0x201000, space.writable)
    assert space.mem.phys(virt) == 0x201000


def test_small_pages_are_made_when_somebody_looks_and_not_twice() -> None:
    space = Mapped(True)
    assert space.tables.lookup(OFFSET + 3 * MiB) == (0, 0)
    assert space.direct.fill(OFFSET + 3 * MiB)
    assert space.tables.lookup(OFFSET + 2 * MiB)[0] == 2 * MiB
    assert space.tables.lookup(OFFSET + 4 * MiB) == (0, 0)
    assert not space.direct.fill(OFFSET + 3 * MiB)


def test_what_is_no_ram_is_not_mapped() -> None:
    space = Mapped(True)
    for virt in (OFFSET - 1, OFFSET + RAM, OFFSET + GiB, 0, arch.VMALLOC_START):
        assert not space.direct.fill(virt)
        with pytest.raises(GuestFault):
            space.mem.u8(virt)


def test_large_pages_leave_nothing_to_fill() -> None:
    space = Mapped(False)
    before = space.ram.read(RAM, DirectMap.room(RAM))
    assert not space.direct.fill(OFFSET + 2 * MiB)
    assert space.ram.read(RAM, DirectMap.room(RAM)) == before


def test_what_was_filled_stays_when_the_machine_is_rewound() -> None:
    space = Mapped(True)
    mark = space.mark()
    space.mem.put64(OFFSET + 2 * MiB, 5)
    space.rewind(mark)
    assert space.tables.lookup(OFFSET + 2 * MiB)[0] == 2 * MiB
    assert space.mem.u64(OFFSET + 2 * MiB) == 0


def test_a_page_that_was_unmapped_after_the_mark_is_back_after_the_rewind() -> None:
    space = Mapped(True)
    mark = space.mark()
    for _ in range(2):
        space.tables.unmap_page(OFFSET + 2 * MiB)
        with pytest.raises(GuestFault):
            space.mem.u64(OFFSET + 2 * MiB)
        space.rewind(mark)
        assert space.mem.phys(OFFSET + 2 * MiB) == 2 * MiB and space.mem.phys(OFFSET + 4 * MiB - 1) == 4 * MiB - 1


def test_a_page_that_was_unmapped_before_the_mark_stays_so_after_the_rewind() -> None:
    space = Mapped(True)
    space.tables.unmap_page(OFFSET + 2 * MiB)
    mark = space.mark()
    space.tables.map_page(OFFSET + 2 * MiB, 2 * MiB, space.writable)
    space.rewind(mark)
    with pytest.raises(GuestFault):
        space.mem.u64(OFFSET + 2 * MiB)


def test_the_room_for_tables_is_one_page_a_gib_and_one_for_each_2_mib() -> None:
    assert DirectMap.room(RAM) == (1 + 3) * PAGE_SIZE
    assert DirectMap.room(2 * GiB + 1) == (3 + 1025) * PAGE_SIZE


def test_what_is_filled_stays_where_the_table_above_it_is_taken_back() -> None:
    space = Mapped(True)
    space.mem.u8(OFFSET)
    mark = space.mark()
    space.mem.u8(OFFSET + 2 * MiB)
    # Behind RAM, in the same table of directories: a change of state.
    space.tables.map_page(OFFSET + RAM + 4 * MiB, 0x3000, space.writable)
    space.rewind(mark)
    assert [space.mem.phys(OFFSET + phys) for phys in (8, 2 * MiB)] == [8, 2 * MiB]
    with pytest.raises(GuestFault):
        space.mem.u8(OFFSET + RAM + 4 * MiB)
