"""The blocks that a guest runs, in order."""

from collections.abc import Callable

import pytest

from runtime import native
from runtime.cpu.engine import HANG, STOPPED, Stop
from runtime.cpu.trace import Trace, first_difference, last_instruction
from tests.runtime.tiny import CODE, Tiny

Make = Callable[..., Tiny]
THREE = "b903000000 ffc9 75fc c3"  # mov $3,%ecx; 1: dec %ecx; jnz 1b; ret
LOOP = CODE + 5  # the block at 1, where it is jumped to


@pytest.fixture(params=["native", "python"])
def host(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """python: as on a host that is not x86-64."""
    if request.param == "python":
        monkeypatch.setattr(native, "is_here", lambda: False)
    return str(request.param)


def seen(made: Trace) -> list[int]:
    return [made.block(index)[0] for index in range(len(made))]


def test_each_block_is_noted_with_its_address_and_size(make: Make, host: str) -> None:
    guest = make(blocks=1000)
    made = Trace(guest.engine, 100)
    assert guest.run(THREE) == Stop(STOPPED)
    blocks = [made.block(index) for index in range(len(made))]
    assert blocks[:4] == [(CODE, 9), (LOOP, 4), (LOOP, 4), (CODE + 9, 1)]


def test_what_does_not_fit_is_not_noted(make: Make, host: str) -> None:
    guest = make(blocks=1000)
    made = Trace(guest.engine, 2)
    assert guest.run(THREE) == Stop(STOPPED)
    assert seen(made) == [CODE, LOOP] and made.full


def test_a_limit_ends_the_run_before_the_next_block(make: Make, host: str) -> None:
    guest = make(blocks=1000)
    made = Trace(guest.engine, 100, limit=2)
    assert guest.run(THREE) == Stop(HANG)
    assert seen(made) == [CODE, LOOP] and made.full
    assert guest.get("rip") == LOOP and guest.get("rcx") == 1


def test_a_cleared_trace_begins_again(make: Make, host: str) -> None:
    guest = make(blocks=1000)
    made = Trace(guest.engine, 100)
    guest.run(THREE)
    first = made.blocks()
    made.clear()
    assert len(made) == 0 and not made.full
    guest.run(THREE)
    assert made.blocks() == first and made.blocks(1, 2) == first[8:16]


@pytest.mark.parametrize("host", ["native"], indirect=True)
def test_the_same_run_leaves_the_same_trace(make: Make, host: str) -> None:
    traces = []
    for _ in range(2):
        guest = make(blocks=1000)
        made = Trace(guest.engine, 100)
        guest.run(THREE)
        traces.append(made.blocks())
    assert traces[0] == traces[1]


def test_the_first_difference_of_two_traces() -> None:
    one = bytes(range(64))
    for index in range(8):
        other = bytearray(one)
        other[8 * index + 3] ^= 1
        assert first_difference(one, bytes(other)) == index
    assert first_difference(one, one) == 8
    assert first_difference(one[:24], one) == 3
    assert first_difference(b"", one) == 0


def test_the_last_instruction_of_a_block_is_where_it_branches() -> None:
    code = bytes.fromhex("b903000000 ffc9 75fc")
    assert last_instruction(code, CODE) == CODE + 7
    assert last_instruction(code[:5], CODE) == CODE


def test_it_needs_an_engine_that_counts(make: Make) -> None:
    with pytest.raises(AssertionError):
        Trace(make().engine, 10)
