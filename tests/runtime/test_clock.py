"""Virtual time moves by what is done, and only by that."""

from itertools import pairwise

import pytest

from runtime.clock import NSEC_PER_SEC, Clock
from runtime.undo import Undo

HZ = 250
TICK = NSEC_PER_SEC // HZ


@pytest.fixture
def clock() -> Clock:
    return Clock(Undo(False), HZ)


def test_time_stands_still_while_nothing_is_done(clock: Clock) -> None:
    assert clock.ns == 0
    assert clock.jiffies == clock.jiffies
    assert clock.ns == 0


def test_jiffies_start_five_minutes_before_32_bits_wrap(clock: Clock) -> None:
    assert clock.jiffies == 2**32 - 300 * HZ
    clock.sleep(300 * NSEC_PER_SEC)
    assert clock.jiffies == 2**32


def test_every_event_and_every_read_takes_time(clock: Clock) -> None:
    times = [clock.event(), clock.read(), clock.read(), clock.event()]
    assert times == sorted(set(times)) and times[-1] < TICK


def test_sleeping_for_ticks_ends_at_a_tick(clock: Clock) -> None:
    clock.event()
    before = clock.jiffies
    clock.sleep_ticks(3)
    assert clock.ns % TICK == 0 and clock.jiffies == before + 3
    clock.sleep_ticks(1)
    assert clock.jiffies == before + 4
    clock.sleep_ticks(0)
    assert clock.ns == 4 * TICK


def test_a_few_reads_of_jiffies_cost_next_to_nothing(clock: Clock) -> None:
    first = clock.jiffies
    assert [clock.spin() for _ in range(5)] == [first] * 5


def test_a_wait_for_jiffies_ends_soon(clock: Clock) -> None:
    end, reads = clock.jiffies + 10 * HZ, 0
    while clock.spin() < end:
        reads += 1
    assert reads < 10 * HZ + 30


def test_no_read_of_jiffies_moves_time_by_more_than_a_tick(clock: Clock) -> None:
    seen = [clock.spin() for _ in range(100)]
    assert max(after - before for before, after in pairwise(seen)) == 1


def test_doing_something_else_makes_reads_cheap_again(clock: Clock) -> None:
    for _ in range(50):
        clock.spin()
    for other in (clock.event, lambda: clock.sleep(10)):
        other()
        before = clock.ns
        clock.spin()
        assert clock.ns - before < 1000


def test_time_is_taken_back_by_a_rewind() -> None:
    undo = Undo(True)
    clock = Clock(undo, HZ)
    clock.event()
    mark, state = undo.mark(), (clock.ns, clock.spins)
    clock.sleep_ticks(5)
    clock.spin()
    undo.rewind(mark)
    assert (clock.ns, clock.spins) == state
