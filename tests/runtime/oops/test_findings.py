"""Findings: the kind and the sentence for each event; first for the real kernel's own oopses."""

import re

import pytest

from runtime.arch import x86_64 as arch
from runtime.oops import Event, findings, sites
from tests.runtime.oops import reallog

KINDS = {
    "leak", "double-free", "invalid-free", "mismatched-free", "use-after-free", "out-of-bounds", "uninitialized",
    "info-leak", "sleep-in-atomic", "atomic-imbalance", "bad-argument", "null-deref", "page-fault",
    "general-protection", "divide-error", "bug", "warn", "stack-overflow", "stack-smash", "hang", "panic",
    "resource-leak", "refcount",
}  # fmt: skip


def fault(name: str) -> tuple[str, str]:
    """The finding for the first page fault in a real log."""
    lines = reallog.read(name)
    event = reallog.event(lines, int(reallog.find(lines, r"BUG: .* address: (\w+)")[1], 16))
    event.error = int(reallog.find(lines, r"#PF: error_code\(0x(\w+)\)")[1], 16)
    return findings.page_fault(event)


@pytest.mark.parametrize(
    ("name", "kind", "message"),
    [
        ("null_read", "null-deref", "read of NULL"),
        ("null_write", "null-deref", "write to NULL"),
        ("null_call", "null-deref", "call of NULL"),
        ("errptr_read", "page-fault", "read of ERR_PTR(-ENOMEM)"),
        ("user_read", "page-fault", "read of 0x10000000, a user address"),
        ("user_exec", "page-fault", "call of 0x10000000, a user address"),
        ("data_exec", "page-fault", "execution of data at 0xffffffffc0203010, in module space"),
        ("rodata_write", "page-fault", "write to protected memory at 0xffffffffc0202080, in module space"),
        ("wild_call", "page-fault", "call of 0xffffc90000800000, in vmalloc space (freed, or a guard page)"),
        ("vmalloc_freed", "page-fault", "write to 0xffffc9000003e388, in vmalloc space (freed, or a guard page)"),
    ],
)
def test_a_page_fault_says_what_was_done_to_what(name: str, kind: str, message: str) -> None:
    assert fault(name) == (kind, message)


def test_a_member_of_an_error_pointer_is_not_taken_for_null() -> None:
    registers = (-12 & arch.POINTER_MASK, *(0,) * 16)
    event = Event("f+0x1/0x2", registers, address=0xC, instruction=b"\x48\x8b\x40\x18")
    assert findings.page_fault(event) == ("page-fault", "read of ERR_PTR(-ENOMEM) + 0x18")


def test_what_the_books_know_is_better_than_the_address() -> None:
    event = Event("f+0x1/0x2", address=0xFFFFC90000200000, error=arch.PF_WRITE)
    assert findings.page_fault(event, "memory that vfree() took back")[1] == "write to memory that vfree() took back"


def test_the_page_below_the_stack_is_a_stack_overflow() -> None:
    low = 0xFFFFC90000010000
    event = Event("f+0x1/0x2", address=low - 8, stack=(low, low + 16384))
    assert findings.page_fault(event) == ("stack-overflow", "the kernel stack of 16 KiB is used up")
    event.address = low - 4097
    assert findings.page_fault(event)[0] == "page-fault"


def test_a_general_protection_fault_names_the_poison() -> None:
    registers = (0x6B6B6B6B6B6B6B6B, *(0,) * 15, arch.MODULES_VADDR)
    event = Event("f+0x1/0x2", registers, instruction=b"\x48\x8b\x40\x18")
    kind, message = findings.general_protection(event)
    assert kind == "general-protection"
    assert message == "access to 0x6b6b6b6b6b6b6b6b, the fill of freed slab memory (POISON_FREE) + 0x18"


def test_a_jump_to_a_non_canonical_address_names_it() -> None:
    event = Event("0xdead000000000100", (*(0,) * 16, 0xDEAD000000000100))
    assert findings.general_protection(event)[1].startswith("call of LIST_POISON1")


def test_a_privileged_instruction_is_a_general_protection_fault_without_an_address() -> None:
    event = Event("f+0x1/0x2", (*(0,) * 16, arch.MODULES_VADDR), instruction=b"\xf3\xa4")
    assert findings.general_protection(event) == ("general-protection", "an instruction that is not allowed here")


@pytest.mark.parametrize("name", [*sites.WARNINGS, *sites.BUGS])
def test_every_site_of_the_kernel_has_a_kind_and_a_sentence(name: str) -> None:
    template = (sites.WARNINGS.get(name) or sites.BUGS[name])[-1]
    args = [0 if "x" in spec else "text" for spec in re.findall("{(.*?)}", template)]
    kind, message = findings.site(name, *args)
    assert kind in KINDS
    assert len(message) > 10
    assert "{" not in message


def test_other_events_have_their_own_kinds() -> None:
    event = Event("f+0x1/0x2")
    assert findings.exception(event, arch.DIVIDE_ERROR)[0] == "divide-error"
    assert findings.exception(event, arch.INVALID_OPCODE)[0] == "bug"
    assert findings.stack_smash("f+0x1/0x2 [box]") == (
        "stack-smash",
        "f+0x1/0x2 [box] wrote past a variable on its stack",
    )
    assert findings.bug("box.c", 9, is_warning=True) == ("warn", "WARN at box.c:9")
    assert findings.bug("box.c", 9, is_warning=False) == ("bug", "BUG at box.c:9")
    assert findings.scheduling_while_atomic(2)[0] == "sleep-in-atomic"
    assert findings.panic("no reason")[0] == "panic"
