"""__bug_table in guest memory."""

from struct import pack

import pytest

from runtime.memory import Memory
from runtime.oops import CONTINUE, KILL, Event, Health, bugs, warn
from runtime.undo import Undo
from tests.runtime.oops.guest import MODULE, displacement, memory

TABLE, FILE = MODULE + 0x1000, MODULE + 0x2000
SITES = [
    (MODULE + 0x10, 9, 0),
    (MODULE + 0x20, 12, bugs.WARNING | 9 << 8),
    (MODULE + 0x30, 13, bugs.WARNING | bugs.ONCE | 9 << 8),
    (MODULE + 0x40, 14, bugs.WARNING | bugs.NO_CUT_HERE | 10 << 8),
]
TABLES = [(MODULE + 0x3000, 0), (TABLE, len(SITES))]


@pytest.fixture
def guest() -> Memory:
    guest = memory()
    guest.write(FILE, b"drivers/box.c\0")
    for index, (rip, line, flags) in enumerate(SITES):
        virt = TABLE + index * bugs.ENTRY_SIZE
        guest.write(rip, b"\x0f\x0b")
        guest.write(virt, displacement(virt, rip) + displacement(virt + 4, FILE) + pack("<HH", line, flags))
    return guest


def health() -> Health:
    return Health(Undo(journal=False))


def event() -> Event:
    return Event("f+0x10/0x20 [box]", pid=91, comm="insmod")


def test_each_ud2_of_the_table_is_found_with_its_file_and_line(guest: Memory) -> None:
    found = [bugs.find(guest, TABLES, rip) for rip, _, _ in SITES]
    assert [(bug.file, bug.line, bug.flags) for bug in found if bug] == [("drivers/box.c", n, f) for _, n, f in SITES]


def test_an_address_outside_the_table_is_no_bug(guest: Memory) -> None:
    guest.write(MODULE + 0x50, b"\x0f\x0b")
    assert bugs.find(guest, TABLES, MODULE + 0x50) is None


def test_an_instruction_that_is_not_ud2_is_no_bug_even_where_the_table_names_it(guest: Memory) -> None:
    guest.write(MODULE + 0x10, b"\x0f\xff")
    assert bugs.find(guest, TABLES, MODULE + 0x10) is None


def test_an_unmapped_address_is_no_bug(guest: Memory) -> None:
    assert bugs.find(guest, TABLES, 0x1000) is None


def test_warn_on_once_speaks_once_and_remembers_it_in_guest_memory(guest: Memory) -> None:
    kernel, rip = health(), MODULE + 0x30
    first = warn.invalid_opcode(kernel, guest, event(), bugs.find(guest, TABLES, rip))
    second = warn.invalid_opcode(kernel, guest, event(), bugs.find(guest, TABLES, rip))
    assert first.action == second.action == CONTINUE
    assert len(first.lines) > 10
    assert second.lines == []
    assert guest.u16(TABLE + 2 * bugs.ENTRY_SIZE + 10) == SITES[2][2] | bugs.DONE


def test_warn_on_speaks_each_time_and_leaves_its_entry_alone(guest: Memory) -> None:
    kernel, rip = health(), MODULE + 0x20
    made = [warn.invalid_opcode(kernel, guest, event(), bugs.find(guest, TABLES, rip)) for _ in range(2)]
    assert [report.lines[1][1] for report in made] == [
        "WARNING: CPU: 0 PID: 91 at drivers/box.c:12 f+0x10/0x20 [box]",
    ] * 2
    assert guest.u16(TABLE + bugs.ENTRY_SIZE + 10) == SITES[1][2]


def test_a_warning_taints_with_the_bit_of_its_entry(guest: Memory) -> None:
    kernel = health()
    warn.invalid_opcode(kernel, guest, event(), bugs.find(guest, TABLES, MODULE + 0x40))
    assert kernel.taint == 1 << 10


def test_bug_kills_the_task_with_sigsegv(guest: Memory) -> None:
    report = warn.invalid_opcode(health(), guest, event(), bugs.find(guest, TABLES, MODULE + 0x10))
    assert (report.action, report.signal) == (KILL, 11)
    assert (2, "kernel BUG at drivers/box.c:9!") in report.lines


def test_an_invalid_opcode_without_an_entry_is_an_oops(guest: Memory) -> None:
    report = warn.invalid_opcode(health(), guest, event(), None)
    assert report.action == KILL
    assert report.lines[0] == (4, "invalid opcode: 0000 [#1] PREEMPT SMP NOPTI")
