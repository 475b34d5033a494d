"""What is recorded and compared, and how a difference is narrowed down."""

from typing import Any

import pytest

from runtime.uninit import events, runs
from runtime.uninit.events import LIMIT, Comparer, Diverged, Event, Reached, Record, Recorder
from runtime.uninit.fills import ON_STACK, Selection, SelectiveFill, Span
from runtime.uninit.runs import Runs, smallest
from tests.runtime.tiny import Space
from tests.runtime.uninit.conftest import course, line, search

AT = 0x200000


class Blocks:
    """A trace that a test fills: a letter is a block."""

    def __init__(self, letters: str = "") -> None:
        self.letters = letters

    def __len__(self) -> int:
        return len(self.letters)

    def blocks(self, first: int = 0, end: int | None = None) -> bytes:
        return b"".join(8 * letter.encode() for letter in self.letters[first:end])

    def clear(self) -> None:
        self.letters = ""


def record(*steps: tuple[str, Event]) -> Record:
    trace: Any = Blocks()
    recorder = Recorder(trace)
    for letters, event in steps:
        trace.letters += letters
        recorder(event)
    return recorder.record


def compare(made: Record, *steps: tuple[str, Event], until: int = 100) -> Diverged | None:
    trace: Any = Blocks()
    comparer = Comparer(made, trace, until)
    try:
        for letters, event in steps:
            trace.letters += letters
            comparer(event)
    except Diverged as diverged:
        return diverged
    except Reached:
        return None
    return None


CALL, OTHER, FAULT = ("call", "a", (1,), b""), ("call", "a", (2,), b""), ("fault", 5, 14, 0)
MADE = record(("ab", CALL), ("c", CALL), ("defg", CALL))


def test_the_same_run_does_not_differ() -> None:
    assert compare(MADE, ("ab", CALL), ("c", CALL), ("defg", CALL)) is None
    assert compare(MADE, ("ab", CALL), ("c", CALL), ("defg", CALL), ("anything", OTHER)) is None, "behind the record"


def test_another_block_is_a_branch_after_the_last_common_one() -> None:
    diverged = compare(MADE, ("ab", CALL), ("c", CALL), ("deXY", CALL))
    assert diverged is not None
    assert (diverged.index, diverged.blocks, diverged.then, diverged.now) == (2, 5, None, None)


def test_another_argument_is_seen_at_its_call() -> None:
    diverged = compare(MADE, ("ab", CALL), ("c", OTHER))
    assert diverged is not None
    assert (diverged.index, diverged.blocks, diverged.then, diverged.now) == (1, 3, CALL, OTHER)


def test_a_fault_before_the_recorded_run_gets_to_anything_is_only_of_this_run() -> None:
    diverged = compare(MADE, ("ab", CALL), ("c", CALL), ("de", FAULT))
    assert diverged is not None
    assert (diverged.blocks, diverged.then, diverged.now) == (5, None, FAULT)


def test_a_fault_of_the_recorded_run_may_be_missing_in_this_one() -> None:
    diverged = compare(record(("ab", FAULT), ("c", CALL)), ("abde", CALL))
    assert diverged is not None
    assert (diverged.blocks, diverged.then, diverged.now) == (2, FAULT, None)


def test_differences_after_the_last_event_that_matters_do_not_count() -> None:
    assert compare(MADE, ("ab", CALL), ("X", CALL), until=0) is None
    assert compare(MADE, ("ab", CALL), ("X", CALL), until=1) is not None


def test_a_record_that_is_full_is_compared_as_far_as_it_goes() -> None:
    full = record(("ab", CALL), ("cdef", LIMIT))
    assert compare(full, ("ab", CALL), ("cdefgh", CALL)) is None
    assert compare(full, ("ab", CALL), ("cXefgh", CALL)) is not None
    assert compare(full, ("ab", CALL), ("cd", CALL)) is not None


@pytest.mark.parametrize("first", range(1, 20))
def test_the_smallest_number_that_differs_is_found(first: int) -> None:
    asked: list[int] = []

    def differs(number: int) -> bool:
        asked.append(number)
        return number >= first

    assert smallest(0, 19, differs) == first
    assert len(asked) <= 5


def fill(**selection: Any) -> tuple[SelectiveFill, Space]:
    space = Space()
    made = SelectiveFill(space.ram, Selection(**{"byte": 0xA5, "end": 100, **selection}), lambda: (1, 2))
    return made, space


def test_a_piece_is_filled_and_those_behind_the_last_one_are_as_on_debian() -> None:
    made, space = fill(end=2)
    for at in (AT, AT + 16, AT + 32, AT + 48):
        space.ram.fill(at, 16, 7)
    for number, clear in enumerate((True, False, True, False)):
        made.handed_out(AT + 16 * number, 16, clear)
    assert space.ram.read(AT, 64) == b"\xa5" * 32 + bytes(16) + b"\x07" * 16
    assert made.count == 4 and made.piece == (AT + 16, 16, (1, 2))


def test_of_the_last_piece_a_part_is_filled() -> None:
    made, space = fill(end=1, first=3, last=5)
    made.handed_out(AT, 8, True)
    assert space.ram.read(AT, 8) == bytes([0, 0, 0, 0xA5, 0xA5, 0xA5, 0, 0])


def test_masked_bytes_are_as_on_debian_for_whoever_gets_them_there() -> None:
    made, space = fill(masks=(Span((1, 2), 2, 3), Span((ON_STACK, 1, 2), 0, 0)))
    space.ram.fill(AT, 24, 7)
    made.handed_out(AT, 8, False)
    made.handed_out(AT + 8, 8, True)
    made.below_stack(AT + 16, 8)
    a, b = 0xA5, 7
    assert space.ram.read(AT, 8) == bytes([a, a, b, b, a, a, a, a])
    assert space.ram.read(AT + 8, 8) == bytes([a, a, 0, 0, a, a, a, a])
    assert space.ram.read(AT + 16, 8) == bytes([b, a, a, a, a, a, a, a])


def test_freed_bytes_that_still_hold_the_pattern_are_as_on_debian_again() -> None:
    made, space = fill(end=1, until_free=True)
    made.handed_out(AT, 4, True)
    space.ram.put8(AT + 1, 9)
    made.free(AT + 8)
    assert not made.freed
    made.free(AT)
    assert made.freed == (1, 2) and space.ram.read(AT, 4) == bytes([0, 9, 0, 0])


# On a machine


def test_only_what_could_be_recorded_is_compared(heap_ko: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = Runs(lambda: course(heap_ko, "heap", "branch"))
    monkeypatch.setattr(runs, "MOST_BLOCKS", 4)
    made = search(heap_ko, "heap", "branch")
    assert len(made.runs.record.trace) == 4 < len(whole.record.trace)
    assert made.runs.record.trace.blocks() == whole.record.trace.blocks(0, 4)
    assert made.findings() == []


def test_so_many_calls_are_recorded_and_no_more(heap_ko: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "MOST_EVENTS", 2)
    made = search(heap_ko, "heap", "value")
    assert len(made.runs.record.events) == 2 and made.findings() == []


def test_after_so_much_work_no_more_causes_are_looked_for(heap_ko: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("runtime.uninit.search.MOST_WORK", -1)
    made = search(heap_ko, "heap", "value")
    assert made.findings() == [] and made.runs.done == 1


def test_the_machine_stands_where_a_block_begins(heap_ko: bytes) -> None:
    made = Runs(lambda: course(heap_ko, "heap", "branch"))
    for blocks in (1, 10, 25):
        observed = made.stand_at(Selection(0xA5, 0), blocks)
        assert observed.trace.blocks() == made.record.trace.blocks(0, blocks)
        assert observed.k.cpu.r[16] == made.record.trace.block(blocks)[0]


def test_the_recorded_run_is_debians(heap_ko: bytes) -> None:
    plain = course(heap_ko, "heap", "value")
    plain.run()
    made = Runs(lambda: course(heap_ko, "heap", "value"))
    said = [event for _, event in made.record.events if event[0] == "says"]
    assert said == [("says", "_printk", (b"\x016level 0\n",), ())]
    assert "level 0" in [record.text for record in plain.machine.dmesg()]
    assert line("heap.c", "value")
