"""The block counter decides that the guest hangs, at the same block each time."""

from collections.abc import Callable

import pytest

from runtime import native
from runtime.arch import x86_64 as arch
from runtime.cpu.engine import FAULT, HANG, STOPPED, Stop
from tests.runtime.tiny import CODE, NOWHERE, STUBS, Tiny

Make = Callable[..., Tiny]
LOOP = "48ffc0 eb00 48ffc1 ebf6"  # 1: inc %rax; jmp 2f; 2: inc %rcx; jmp 1b
TEN = "b90a000000 ffc9 75fc c3"  # mov $10,%ecx; 1: dec %ecx; jnz 1b; ret


@pytest.fixture(params=["native", "python"])
def counter(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """python: as on a host that is not x86-64."""
    if request.param == "python":
        monkeypatch.setattr(native, "is_here", lambda: False)
    return str(request.param)


def hang(guest: Tiny) -> tuple[int, int, int]:
    assert guest.run(LOOP, rax=0, rcx=0) == Stop(HANG)
    return guest.get("rip"), guest.get("rax"), guest.get("rcx")


@pytest.mark.parametrize("blocks", [1, 2, 999, 1000])
def test_an_endless_loop_ends_at_the_same_block_each_time(make: Make, counter: str, blocks: int) -> None:
    guest = make(blocks=blocks)
    first = hang(guest)
    assert first[0] in (CODE, CODE + 5) and abs(first[1] + first[2] - blocks) <= 1
    assert hang(make(blocks=blocks)) == first
    guest.engine.refill()
    assert hang(guest) == first


def test_an_endless_loop_of_one_instruction_ends(make: Make, counter: str) -> None:
    guest = make(blocks=5000)
    assert guest.run("ebfe") == Stop(HANG) and guest.get("rip") == CODE


def test_blocks_are_counted_over_all_runs_until_the_next_refill(make: Make, counter: str) -> None:
    guest = make(blocks=40)
    before = guest.engine.budget.left
    assert before == 40 and guest.run(TEN) == Stop(STOPPED)
    used = before - guest.engine.budget.left
    assert 10 <= used <= 13 and not guest.engine.budget.spent
    ends = [guest.run(TEN) for _ in range(3)]
    assert ends[0] == Stop(STOPPED) and ends[2] == Stop(HANG) and guest.engine.budget.spent
    guest.engine.refill()
    assert guest.run(TEN) == Stop(STOPPED) and guest.engine.budget.left == 40 - used


def test_a_spent_budget_does_not_let_the_guest_run_for_ever(make: Make, counter: str) -> None:
    guest = make(blocks=100)
    rip, rax, _ = hang(guest)
    for _ in range(2):
        assert guest.engine.run(rip) == Stop(HANG)
        assert guest.get("rax") == rax


def test_what_may_still_run_is_part_of_a_saved_processor(make: Make, counter: str) -> None:
    guest = make(blocks=1000)
    saved = guest.engine.save()
    first = hang(guest)
    guest.engine.restore(saved)
    assert guest.engine.budget.left == 1000 and hang(guest) == first


def test_other_ends_of_a_run_come_before_the_budget(make: Make, counter: str) -> None:
    guest = make(blocks=1000)
    assert guest.run("488b07", rdi=NOWHERE) == Stop(FAULT, arch.PAGE_FAULT)
    assert guest.run("0f0b") == Stop(FAULT, arch.INVALID_OPCODE)
    assert guest.run("c3") == Stop(STOPPED) and guest.get("rip") == STUBS


def test_stops_are_charged_for_and_never_make_a_budget_larger(make: Make, counter: str) -> None:
    guest = make(blocks=1000)
    guest.engine.charge(300)
    assert guest.engine.budget.left == 700
    guest.engine.charge(900)
    assert guest.engine.budget.left == 1
    assert guest.run("c3") == Stop(HANG)
    guest.engine.charge(1)
    assert guest.engine.budget.spent


def test_a_guest_with_a_budget_is_not_watched(make: Make) -> None:
    guest = make(blocks=50_000_000, patience=0.05)
    assert guest.run("b900879303 ffc9 75fc c3") == Stop(HANG)  # 60 million times around: far beyond the patience


def test_without_a_budget_nothing_is_counted(make: Make) -> None:
    guest = make()
    guest.engine.refill()
    assert guest.engine.budget is None and guest.run(TEN) == Stop(STOPPED)
