"""__ex_table: each type of entry that a module can have."""

from struct import pack

import pytest

from runtime.arch import x86_64 as arch
from runtime.errors import Unsupported
from runtime.oops import Event, extable
from tests.runtime.oops.guest import MODULE, PAGES, displacement, memory

TABLE, RIP, TARGET = MODULE + 0x1000, MODULE + 0x10, MODULE + 0x80
MASK = arch.POINTER_MASK


def fix(data: int, *, vector: int = arch.PAGE_FAULT, rip: int = RIP, values: dict[int, int] | None = None, **fields):
    guest = memory()
    other = pack("<iiI", 4, 8, extable.DEFAULT)
    guest.write(TABLE, other + displacement(TABLE + 12, RIP) + displacement(TABLE + 16, TARGET) + pack("<I", data))
    registers = [(values or {}).get(at, 0) for at in range(17)]
    registers[arch.RIP] = rip
    if "page_end" in fields:
        guest.write(MODULE + PAGES * 0x1000 - 8, fields.pop("page_end"))
    event = Event("f+0x1/0x2 [box]", tuple(registers), **fields)
    return extable.fix(guest, [(MODULE, 0), (TABLE, 2)], event, vector)


def outcome(*args, **kwargs):
    done = fix(*args, **kwargs)
    return done and (done.rip, done.registers)


def test_an_instruction_that_the_table_does_not_name_is_not_fixed() -> None:
    assert fix(extable.DEFAULT, rip=RIP + 1) is None


@pytest.mark.parametrize("kind", [extable.DEFAULT, extable.DEFAULT_MCE_SAFE, extable.UACCESS, extable.WRMSR])
def test_plain_entries_go_on_at_their_target(kind: int) -> None:
    assert outcome(kind) == (TARGET, {})


@pytest.mark.parametrize("kind", [extable.FAULT, extable.FAULT_MCE_SAFE, extable.COPY])
def test_fault_entries_tell_the_vector_in_rax(kind: int) -> None:
    assert outcome(kind) == (TARGET, {arch.RAX: 14})


def test_efault_goes_into_the_register_that_the_entry_names() -> None:
    assert outcome(extable.IMM_REG | 9 << 8 | (-14 & 0xFFFF) << 16) == (TARGET, {9: -14 & MASK})


def test_zero_and_one_go_into_the_register_that_the_entry_names() -> None:
    assert outcome(extable.IMM_REG | 3 << 8) == (TARGET, {3: 0})
    assert outcome(extable.IMM_REG | 3 << 8 | 1 << 16) == (TARGET, {3: 1})


def test_pop_reg_takes_a_word_off_the_stack_as_well() -> None:
    assert outcome(extable.POP_REG | 2 << 8, values={arch.RSP: 0x1000}) == (TARGET, {arch.RSP: 0x1008, 2: 0})


def test_a_copy_reports_how_much_is_left() -> None:
    values = {arch.RCX: 5, arch.RDX: 3}
    assert outcome(extable.UCOPY_LEN | arch.RDX << 8 | 8 << 16, values=values) == (TARGET, {arch.RCX: 43})


def test_flags_clear_rax_and_rdx() -> None:
    assert outcome(extable.UACCESS | 3 << 12) == (TARGET, {arch.RAX: 0, arch.RDX: 0})
    assert outcome(extable.UACCESS | 1 << 12) == (TARGET, {arch.RAX: 0})


def test_msr_accesses_fail_with_eio_where_they_are_the_safe_ones() -> None:
    assert outcome(extable.RDMSR) == (TARGET, {arch.RAX: 0, arch.RDX: 0})
    assert outcome(extable.RDMSR_SAFE | 1 << 8) == (TARGET, {arch.RAX: 0, arch.RDX: 0, 1: -5 & MASK})
    assert outcome(extable.WRMSR_SAFE | 1 << 8) == (TARGET, {1: -5 & MASK})


def test_clear_fs_says_so() -> None:
    assert fix(extable.CLEAR_FS).clear_fs
    assert not fix(extable.DEFAULT).clear_fs


@pytest.mark.parametrize(
    ("kind", "site"),
    [
        (extable.UACCESS, "uaccess_gp"),
        (extable.UCOPY_LEN, "uaccess_gp"),
        (extable.COPY, "ucopy_gp"),
        (extable.DEFAULT, ""),
    ],
)
def test_a_non_canonical_user_pointer_is_worth_a_warning(kind: int, site: str) -> None:
    assert fix(kind, vector=arch.GENERAL_PROTECTION).site == site
    assert fix(kind, vector=arch.PAGE_FAULT).site == ""


def test_a_load_across_the_end_of_a_page_is_filled_up_with_zeros() -> None:
    end = MODULE + PAGES * 0x1000
    load = {"instruction": b"\x48\x8b\x07", "address": end, "page_end": bytes(range(1, 9))}
    assert outcome(extable.ZEROPAD, values={arch.RDI: end - 3}, **load) == (TARGET, {arch.RAX: 0x080706})


def test_a_load_that_lies_wholly_outside_is_not_fixed() -> None:
    end = MODULE + PAGES * 0x1000
    load = {"instruction": b"\x48\x8b\x07", "address": end + 8}
    assert fix(extable.ZEROPAD, values={arch.RDI: end + 8}, **load) is None


def test_an_entry_that_only_the_kernel_itself_has_is_unsupported() -> None:
    with pytest.raises(Unsupported, match=r"type 7 at f\+0x1/0x2"):
        fix(7)
