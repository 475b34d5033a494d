"""RAM goes back to its marks, whoever wrote it: Python, the guest, or both."""

from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from runtime import native
from runtime.arch import x86_64 as arch
from runtime.errors import GuestFault
from runtime.snapshot import Snapshots
from runtime.units import PAGE_SIZE, MiB
from tests.runtime.tiny import DATA, DATA_PHYS, DATA_SIZE, NOWHERE, SIZE, TABLES, Tiny

STORE = "488907 c3"  # mov %rax,(%rdi); ret
LOAD = "488b07 c3"  # mov (%rdi),%rax; ret
PAGES = DATA_SIZE // PAGE_SIZE


class Machine:
    """A tiny guest with marks of RAM and of Python's state."""

    def __init__(self) -> None:
        self.guest = guest = Tiny(journal=True)
        self.snapshots = Snapshots(guest.ram, guest.tables, TABLES)
        guest.run(STORE, rdi=DATA + DATA_SIZE - 8, rax=0)

    def mark(self) -> tuple[int, int]:
        return self.guest.undo.mark(), self.snapshots.mark()

    def rewind(self, mark: tuple[int, int]) -> None:
        self.snapshots.rewind(mark[1])
        self.guest.undo.rewind(mark[0])

    def store(self, virt: int, value: int) -> None:
        assert self.guest.run(STORE, rdi=virt, rax=value).reason == "stopped"

    def load(self, virt: int) -> int:
        assert self.guest.run(LOAD, rdi=virt).reason == "stopped"
        return self.guest.get("rax")

    def data(self) -> bytes:
        return self.guest.ram.read(DATA_PHYS, DATA_SIZE)


@pytest.fixture(params=["native", "python"])
def machine(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Machine:
    """python: as on a host that is not x86-64."""
    if request.param == "python":
        monkeypatch.setattr(native, "is_here", lambda: False)
    return Machine()


class Marks(RuleBasedStateMachine):
    """Writes of both kinds, marks and rewinds in any order, beside a plain copy of the data."""

    def __init__(self) -> None:
        super().__init__()
        self.machine = Machine()
        self.model = bytearray(self.machine.data())
        self.marks: list[tuple[Any, bytes]] = []

    def _note(self, at: int, value: int) -> None:
        self.model[at : at + 8] = value.to_bytes(8, "little")

    @rule(word=st.integers(0, DATA_SIZE // 8 - 1), value=st.integers(0, 2**64 - 1))
    def python_writes(self, word: int, value: int) -> None:
        self.machine.guest.mem.put64(DATA + 8 * word, value)
        self._note(8 * word, value)

    @rule(word=st.integers(0, DATA_SIZE // 8 - 1), value=st.integers(0, 2**64 - 1))
    def the_guest_writes(self, word: int, value: int) -> None:
        self.machine.store(DATA + 8 * word, value)
        self._note(8 * word, value)

    @rule(page=st.integers(0, PAGES - 1))
    def python_clears_a_page(self, page: int) -> None:
        self.machine.guest.ram.zero(DATA_PHYS + page * PAGE_SIZE, PAGE_SIZE)
        self.model[page * PAGE_SIZE : page + 1 << 12] = bytes(PAGE_SIZE)

    @rule()
    def mark(self) -> None:
        self.marks.append((self.machine.mark(), bytes(self.model)))

    @precondition(lambda self: self.marks)
    @rule(data=st.data())
    def rewind(self, data: Any) -> None:
        at = data.draw(st.integers(0, len(self.marks) - 1))
        mark, model = self.marks[at]
        self.machine.rewind(mark)
        self.model[:] = model
        del self.marks[at + 1 :]

    @invariant()
    def data_is_as_expected(self) -> None:
        assert self.machine.data() == self.model


Marks.TestCase.settings = settings(max_examples=25, stateful_step_count=25, deadline=None)
TestMarks = Marks.TestCase


def test_a_mark_can_be_gone_back_to_again_and_again(machine: Machine) -> None:
    machine.store(DATA, 1)
    mark = machine.mark()
    for value in range(2, 6):
        machine.store(DATA, value)
        machine.guest.mem.put64(DATA + 8 * PAGE_SIZE, value)
        assert machine.load(DATA) == value
        machine.rewind(mark)
        assert machine.load(DATA) == 1 and machine.load(DATA + 8 * PAGE_SIZE) == 0


def test_the_guest_is_seen_to_write_a_page_that_it_has_read_before(machine: Machine) -> None:
    machine.load(DATA)
    mark = machine.mark()
    machine.load(DATA)
    assert not machine.snapshots.changed() & set(range(DATA_PHYS >> 12, DATA_PHYS + DATA_SIZE >> 12))
    machine.store(DATA, 5)
    assert DATA_PHYS >> 12 in machine.snapshots.changed()
    machine.guest.ram.written.add(DATA_PHYS >> 12)
    machine.rewind(mark)
    assert machine.load(DATA) == 0


def test_the_guest_is_seen_to_write_after_every_mark(machine: Machine) -> None:
    for value in range(1, 5):
        machine.store(DATA, value)
        assert DATA_PHYS >> 12 in machine.snapshots.changed()
        machine.guest.engine.flush_tlb()


def test_a_mark_costs_what_was_written_since_the_one_before(machine: Machine) -> None:
    machine.mark()
    machine.store(DATA, 1)
    machine.store(DATA + 3 * PAGE_SIZE, 1)
    machine.guest.mem.put8(DATA + 5 * PAGE_SIZE, 1)
    changed = {pfn - (DATA_PHYS >> 12) for pfn in machine.snapshots.changed()}
    assert changed & set(range(PAGES)) == {0, 3, 5}
    assert not machine.snapshots.changed()  # nothing since


def test_page_tables_go_back_too(machine: Machine) -> None:
    guest = machine.guest
    mark = machine.mark()
    guest.tables.unmap_page(DATA)
    guest.tables.map_page(NOWHERE + 4 * MiB, 0x280000, guest.writable)
    machine.store(NOWHERE + 4 * MiB, 3)
    with pytest.raises(GuestFault):
        guest.mem.u64(DATA)
    machine.rewind(mark)
    assert guest.mem.u64(DATA) == 0 and machine.load(DATA) == 0
    with pytest.raises(GuestFault):
        guest.mem.u64(NOWHERE + 4 * MiB)
    assert guest.run(LOAD, rdi=NOWHERE + 4 * MiB).vector == arch.PAGE_FAULT
    assert guest.ram.u64[0x280000 >> 3] == 0


@pytest.mark.parametrize("how", ["unmap_page", "unmap_range", "protect"])
def test_what_the_guest_wrote_goes_back_where_its_page_is_unmapped_afterwards(machine: Machine, how: str) -> None:
    mark, before = machine.mark(), machine.data()
    machine.store(DATA + 0x10, 0x1234)
    tables = machine.guest.tables
    if how == "unmap_page":
        tables.unmap_page(DATA)
    elif how == "unmap_range":
        tables.unmap_range(DATA, DATA_SIZE)
    else:
        tables.protect(DATA, PAGE_SIZE, arch.KERNEL_RO & ~arch.PTE_DIRTY)
    machine.rewind(mark)
    assert machine.data() == before
    assert machine.load(DATA + 0x10) == int.from_bytes(before[0x10:0x18], "little")


def test_a_table_made_after_a_mark_is_made_anew_after_the_rewind(machine: Machine) -> None:
    guest = machine.guest
    mark = machine.mark()
    for phys in (0x280000, 0x290000):
        guest.tables.map_page(NOWHERE + 4 * MiB, phys, guest.writable)
        machine.store(NOWHERE + 4 * MiB, phys)
        assert guest.ram.u64[phys >> 3] == phys
        machine.rewind(mark)
        assert guest.ram.u64[phys >> 3] == 0


def test_a_large_page_that_was_used_counts_as_written(machine: Machine) -> None:
    guest = machine.guest
    virt = NOWHERE + 2 * MiB & -2 * MiB
    guest.tables.map_large(virt, SIZE - 2 * MiB, 21, guest.writable)
    mark = machine.mark()
    machine.store(virt + 0x12340, 0x40404040)
    machine.store(virt + 0x12348, 0xFFFFFFFFFFFFFFFF)
    machine.mark()
    assert machine.load(virt + 0x12340) == 0x40404040 and machine.load(virt + 0x12348) == 0xFFFFFFFFFFFFFFFF
    machine.rewind(mark)
    assert machine.load(virt + 0x12340) == 0


def test_every_flush_of_a_mark_reaches_the_processor() -> None:
    guest, flushed = Tiny(journal=True), list[int]()
    guest.tables.flush = lambda: flushed.append(1)
    snapshots = Snapshots(guest.ram, guest.tables, TABLES)
    mark = snapshots.mark()
    snapshots.rewind(mark)
    assert len(flushed) == 2
