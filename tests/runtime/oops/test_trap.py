"""Exceptions of the guest, from the vector to what happens next."""

from struct import pack

import pytest

from runtime.arch import x86_64 as arch
from runtime.errors import GuestFault
from runtime.memory import Memory
from runtime.oops import CONTINUE, KILL, PANIC, Event, Health, Report, bugs, extable, trap, warn
from runtime.undo import Undo
from tests.runtime.oops.guest import MODULE, displacement, memory

EX_TABLE, BUG_TABLE, FILE = MODULE + 0x1000, MODULE + 0x2000, MODULE + 0x3000
LOAD, TARGET, WARN, BUG = (MODULE + offset for offset in (0x10, 0x18, 0x20, 0x30))


@pytest.fixture
def guest() -> Memory:
    guest = memory()
    guest.write(FILE, b"box.c\0")
    guest.write(
        EX_TABLE, displacement(EX_TABLE, LOAD) + displacement(EX_TABLE + 4, TARGET) + pack("<I", extable.UACCESS)
    )
    flags = bugs.WARNING | bugs.ONCE | bugs.NO_CUT_HERE | 9 << 8
    for index, (rip, line, value) in enumerate(((WARN, 7, flags), (BUG, 8, 0))):
        virt = BUG_TABLE + 12 * index
        guest.write(rip, b"\x0f\x0b")
        guest.write(virt, displacement(virt, rip) + displacement(virt + 4, FILE) + pack("<HH", line, value))
    return guest


def event(rip: int = LOAD, **fields) -> Event:
    return Event("f+0x1/0x2 [box]", (0xDEAD000000000100, *(0,) * 15, rip), pid=91, comm="insmod", **fields)


def health() -> Health:
    return Health(Undo(journal=False))


def trapped(guest: Memory, what: Event, vector: int, kernel: Health | None = None) -> Report:
    return trap.trap(kernel or health(), guest, what, vector, [(BUG_TABLE, 2)])


def test_a_fault_that_the_exception_table_knows_goes_on_silently(guest: Memory) -> None:
    report = trap.fixed(health(), guest, event(address=0x1000), arch.PAGE_FAULT, [(EX_TABLE, 1)])
    assert report is not None
    assert (report.action, report.rip, report.lines, report.finding) == (CONTINUE, TARGET, [], None)


def test_a_fault_elsewhere_is_not_fixed(guest: Memory) -> None:
    assert trap.fixed(health(), guest, event(LOAD + 1), arch.PAGE_FAULT, [(EX_TABLE, 1)]) is None


def test_a_non_canonical_user_pointer_warns_once_and_goes_on(guest: Memory) -> None:
    kernel = health()
    made = [trap.fixed(kernel, guest, event(), arch.GENERAL_PROTECTION, [(EX_TABLE, 1)]) for _ in range(2)]
    assert [report.rip for report in made] == [TARGET, TARGET]
    assert "WARNING: CPU: 0 PID: 91 at arch/x86/mm/extable.c:135 ex_handler_uaccess+0x71/0x80" in [
        t for _, t in made[0].lines
    ]
    assert "RIP: 0010:f+0x1/0x2 [box]" in [t for _, t in made[0].lines]
    assert made[1].lines == []
    assert made[1].finding[0] == "bad-argument"


def test_a_page_fault_is_an_oops_and_a_finding(guest: Memory) -> None:
    report = trapped(guest, event(address=0x18, error=arch.PF_WRITE, walk=(0,)), arch.PAGE_FAULT)
    assert (report.action, report.signal, report.finding) == (KILL, 9, ("null-deref", "write to NULL + 0x18"))


def test_a_general_protection_fault_is_an_oops_and_a_finding(guest: Memory) -> None:
    report = trapped(guest, event(instruction=b"\x48\x8b\x00"), arch.GENERAL_PROTECTION)
    assert report.lines[0][1].startswith(
        "general protection fault, probably for non-canonical address 0xdead000000000100:"
    )
    assert report.finding[1].startswith("access to LIST_POISON1")


def test_other_exceptions_are_oopses_and_findings(guest: Memory) -> None:
    assert trapped(guest, event(), arch.DIVIDE_ERROR).finding[0] == "divide-error"
    assert trapped(guest, event(), arch.BREAKPOINT).action == PANIC


def test_warn_goes_on_behind_its_ud2_with_its_own_text_in_the_finding(guest: Memory) -> None:
    kernel = health()
    warn.head(kernel, 4, "the number is 7")
    report = trapped(guest, event(WARN), arch.INVALID_OPCODE, kernel)
    assert (report.action, report.rip) == (CONTINUE, WARN + 2)
    assert report.finding == ("warn", "WARN at box.c:7: the number is 7")


def test_a_warning_that_has_spoken_goes_on_without_a_word(guest: Memory) -> None:
    trapped(guest, event(WARN), arch.INVALID_OPCODE)
    report = trapped(guest, event(WARN), arch.INVALID_OPCODE)
    assert (report.action, report.rip, report.lines, report.finding) == (CONTINUE, WARN + 2, [], None)


def test_bug_ends_the_task(guest: Memory) -> None:
    report = trapped(guest, event(BUG), arch.INVALID_OPCODE)
    assert (report.action, report.rip, report.finding) == (KILL, None, ("bug", "BUG at box.c:8"))


def test_a_bad_opcode_ends_the_task(guest: Memory) -> None:
    report = trapped(guest, event(MODULE), arch.INVALID_OPCODE)
    assert (report.action, report.finding[0]) == (KILL, "bug")


def test_a_kernel_function_that_is_given_null_faults_at_linux_s_place() -> None:
    report = trap.kernel_fault(health(), event(), "strlen", GuestFault(0))
    assert "RIP: 0010:strlen+0x0/0x20" in [text for _, text in report.lines]
    assert report.finding == ("null-deref", "strlen(): read of NULL")
    assert report.signal == 9


def test_a_kernel_function_that_writes_to_protected_memory_has_the_right_error_code() -> None:
    what = event(walk=(0x67, 0x67, 0x67, 0x161))
    report = trap.kernel_fault(health(), what, "memset", GuestFault(MODULE, write=True))
    assert (1, "#PF: error_code(0x0003) - permissions violation") in report.lines
    assert "RIP: 0010:f+0x1/0x2 [box]" in [text for _, text in report.lines]


def test_a_kernel_function_that_is_given_a_poison_ends_in_a_general_protection_fault() -> None:
    report = trap.kernel_fault(health(), event(), "_printk", GuestFault(0x6B6B6B6B6B6B6B6B))
    head = (
        "general protection fault, probably for non-canonical address 0x6b6b6b6b6b6b6b6b: 0000 [#1] PREEMPT SMP NOPTI"
    )
    assert report.lines[0] == (4, head)
    assert "POISON_FREE" in report.finding[1]
    assert report.signal == 11


def test_a_site_of_the_kernel_has_its_finding_each_time() -> None:
    kernel = health()
    made = [trap.kernel_warning(kernel, event(), "free_large_kmalloc") for _ in range(2)]
    assert [bool(report.lines) for report in made] == [True, False]
    assert [report.finding[0] for report in made] == ["invalid-free"] * 2


def test_corruption_of_a_list_is_a_bug() -> None:
    report = trap.kernel_bug(health(), event(), "list_del_next_null", 0xFFFFFFFFC0203000)
    assert report.lines[0] == (3, "list_del corruption, ffffffffc0203000->next is NULL")
    assert report.action == KILL
    assert report.finding == ("bug", "list_del corruption, ffffffffc0203000->next is NULL")
