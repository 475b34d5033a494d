"""The register file: found and believed only where it is, with the same meaning through the API."""

from collections.abc import Callable

import pytest
from unicorn.x86_const import UC_X86_REG_R15, UC_X86_REG_RAX, UC_X86_REG_RIP, UC_X86_REG_RSP

from runtime.arch import x86_64 as arch
from runtime.cpu import registers
from runtime.cpu.registers import IDS, Registers, SlowRegisters
from tests.runtime.tiny import NOWHERE, Tiny

VALUES = [0x1000_0000_8000_0001 * (index + 1) & arch.POINTER_MASK for index in range(16)]


def test_views_and_api_show_the_same_registers(guest: Tiny) -> None:
    for index, value in enumerate(VALUES):
        guest.r[index] = value
    assert [guest.engine.uc.reg_read(register) for register in IDS[:16]] == VALUES
    for index, value in enumerate(VALUES):
        guest.engine.uc.reg_write(IDS[index], value ^ 0xFF)
    assert [guest.r[index] for index in range(16)] == [value ^ 0xFF for value in VALUES]


def test_the_architectures_names_are_the_apis(guest: Tiny) -> None:
    named = {arch.RAX: UC_X86_REG_RAX, arch.RSP: UC_X86_REG_RSP, arch.R15: UC_X86_REG_R15, arch.RIP: UC_X86_REG_RIP}
    assert {index: IDS[index] for index in named} == named and len(IDS) == 17


@pytest.mark.parametrize("value", [0, 5, 0x7FFFFFFF, 0x80000000, 0xDEADBEEF_FFFFFFFE, 1 << 63])
def test_the_low_halves_are_read_with_and_without_sign(guest: Tiny, value: int) -> None:
    low = value & 0xFFFFFFFF
    for index in (arch.RAX, arch.RDI, arch.R9, arch.R15):
        guest.r[index] = value
        assert guest.engine.d[2 * index] == low
        assert guest.engine.i[2 * index] == (low ^ 0x80000000) - 0x80000000
        assert guest.r[index] == value


def test_the_guest_sees_what_was_written_and_back(guest: Tiny) -> None:
    guest.run("4d8d3c00 c3", r8=21)  # lea (%r8,%rax),%r15; ret
    assert guest.get("r15") == 21 and guest.get("r8") == 21


def test_the_way_under_test_is_the_one_that_runs(guest: Tiny, way: str) -> None:
    assert isinstance(guest.r, SlowRegisters) == (way == "slow")
    assert bool(guest.engine.state) == (way == "fast")


@pytest.fixture
def again(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """As in a new process: nothing is known of the engine."""
    monkeypatch.setattr(registers, "_found", None)
    monkeypatch.setattr(registers, "_searched", False)
    return monkeypatch


def test_registers_are_found_where_they_are_not_expected(again: pytest.MonkeyPatch) -> None:
    known = registers._KNOWN
    again.setattr(registers, "_KNOWN", (8, 0x40))
    guest = Tiny()
    assert registers._found == known and guest.engine.state
    guest.run("488b07", rdi=NOWHERE)
    assert guest.engine.error_code == 0  # where that lies is known of one version only


def test_values_that_lead_nowhere_are_not_followed(again: pytest.MonkeyPatch) -> None:
    again.setattr(registers, "_peek", lambda fd, address, size: b"")
    guest = Tiny()
    assert registers._found is None and isinstance(guest.r, SlowRegisters)
    guest.run("48c7c005000000 c3")
    assert guest.get("rax") == 5


def test_a_place_that_does_not_answer_to_the_api_is_not_believed(again: pytest.MonkeyPatch) -> None:
    again.setattr(Registers, "_agrees", lambda self, uc: False)
    assert isinstance(Tiny().r, SlowRegisters)


def test_the_search_leaves_the_registers_as_they_were(again: pytest.MonkeyPatch) -> None:
    guest = Tiny()
    for index, value in enumerate(VALUES):
        guest.r[index] = value
    assert registers._search(guest.engine.uc) == registers._KNOWN
    assert [guest.r[index] for index in range(16)] == VALUES


@pytest.mark.parametrize("first", ["cc", "0f0b", "31c9 f7f1", "488b07"])
def test_the_exception_in_flight_is_found_whatever_comes_first(
    make: Callable[..., Tiny], monkeypatch: pytest.MonkeyPatch, first: str
) -> None:
    monkeypatch.setattr(registers, "_flight", [])
    guest = make()
    guest.run(first, rdi=NOWHERE)
    for _ in range(3):
        assert guest.run("488b07", rdi=NOWHERE).vector == arch.PAGE_FAULT
    assert len(registers._flight) == (1 if guest.engine.state else 0)
