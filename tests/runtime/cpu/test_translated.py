"""What the recorder says has run, has run, to the instruction."""

from collections.abc import Callable

import pytest

from runtime.cpu.engine import FAULT, STOPPED, Stop
from runtime.cpu.translated import Block, Recorder
from tests.runtime.tiny import CODE, DATA, NOWHERE, STUBS, TOP, Tiny

Make = Callable[..., Tiny]
REGION = "m", False, CODE, CODE + 0x10000
LOOP = "b903000000 ffc9 75fc c3"  # mov $3,%ecx; 1: dec %ecx; jnz 1b; ret
# mov $5,%ecx; jmp 1f; 1: mov %cl,(%rdi); add $0x8000,%rdi; dec %ecx; jnz 1b; ret: the third round leaves the data
WALK = "b905000000 eb00 880f 4881c700800000 ffc9 75f3 c3"


def recorded(guest: Tiny, start: bool = True) -> Recorder:
    recorder = Recorder(guest.engine, lambda _: REGION)
    if start:
        recorder.start()
    return recorder


def spans(blocks: frozenset[Block]) -> set[tuple[int, int]]:
    assert all(block[:2] == ("m", False) for block in blocks)
    return {block[2:] for block in blocks}


def warm(guest: Tiny) -> Tiny:
    """Run a block: the first one that an engine ever runs is not reported. A machine's is the kernel's own."""
    guest.run("c3")
    return guest


def again(guest: Tiny, at: int = CODE, **registers: int) -> Stop:
    """Run what has been put, without flushing translated code."""
    guest.mem.put64(TOP, STUBS)
    guest.set(rsp=TOP, **registers)
    return guest.engine.run(at)


@pytest.fixture(params=[0, 10_000_000], ids=["plain", "counted"])
def guest(make: Make, request: pytest.FixtureRequest) -> Tiny:
    """A guest with and without the block counter."""
    return warm(make(blocks=request.param))


def test_blocks_that_ran_are_recorded_with_their_ends(guest: Tiny) -> None:
    recorder = recorded(guest)
    assert guest.run(LOOP) == Stop(STOPPED)
    assert spans(recorder.take()) == {(0, 9), (5, 9), (9, 10)}


def test_the_kernels_own_code_is_not_recorded(guest: Tiny) -> None:
    recorder = recorded(guest)
    again(guest, STUBS)
    assert not recorder.take()


def test_code_of_no_module_is_not_recorded(guest: Tiny) -> None:
    recorder = Recorder(guest.engine, lambda _: None)
    recorder.start()
    guest.run(LOOP)
    assert not recorder.take()


def test_a_take_sees_only_what_ran_since_the_last_one(guest: Tiny) -> None:
    recorder = recorded(guest)
    guest.run("85ff 7401 90 c3", rdi=1)  # test %edi,%edi; je 1f; nop; 1: ret
    assert spans(recorder.take()) == {(0, 4), (4, 6)}
    again(guest, rdi=0)
    assert spans(recorder.take()) == {(0, 4), (5, 6)}
    assert not recorder.take()


def test_warm_code_is_seen_again_after_a_take(guest: Tiny) -> None:
    recorder = recorded(guest)
    guest.run(LOOP)
    again(guest)
    first = recorder.take()
    again(guest)
    assert recorder.take() == first


def test_a_look_keeps_what_it_shows(guest: Tiny) -> None:
    recorder = recorded(guest)
    guest.run("c3")
    assert recorder.look() == recorder.look() == recorder.take() != frozenset()


def test_what_ran_before_the_start_is_seen_when_it_runs_again(guest: Tiny) -> None:
    recorder = recorded(guest, start=False)
    guest.run(LOOP)
    recorder.start()
    assert not recorder.look()
    again(guest)
    assert len(recorder.look()) == 3


def test_a_block_that_faults_when_it_runs_for_the_first_time_is_cut_there(guest: Tiny) -> None:
    recorder = recorded(guest)
    stop = guest.run("90 90 880f 90 90 c3", rdi=NOWHERE)
    assert stop == Stop(FAULT, 14) and guest.get("rip") == CODE + 2
    assert spans(recorder.look()) == {(0, 3)}, "the instruction that faults has been reached, what follows has not"


def test_a_block_that_faulted_first_and_runs_to_its_end_later_is_seen_whole(guest: Tiny) -> None:
    recorder = recorded(guest)
    guest.run("90 90 880f 90 90 c3", rdi=NOWHERE)
    again(guest, rdi=NOWHERE)
    assert spans(recorder.look()) == {(0, 3)}
    again(guest, rdi=DATA)
    assert spans(recorder.look()) == {(0, 3), (0, 7)}


@pytest.mark.parametrize("times", [1, 2, 3])
def test_a_block_that_ran_to_its_end_before_it_faults_stays_whole(guest: Tiny, times: int) -> None:
    recorder = recorded(guest)
    guest.put("90 90 880f 90 90 c3")
    for _ in range(times):
        assert again(guest, rdi=DATA) == Stop(STOPPED)
    assert again(guest, rdi=NOWHERE).reason == FAULT
    assert (0, 7) in spans(recorder.look())


def test_a_loop_of_one_block_that_faults_in_a_later_round_has_run_whole(guest: Tiny) -> None:
    recorder = recorded(guest)
    guest.put(WALK)
    assert again(guest, rdi=DATA + 0x8000).reason == FAULT, "in the second round"
    assert spans(recorder.take()) == {(0, 7), (7, 20)}


def test_a_loop_of_one_block_that_faults_in_its_first_round_has_not(guest: Tiny) -> None:
    recorder = recorded(guest)
    guest.put(WALK)
    assert again(guest, rdi=NOWHERE).reason == FAULT
    assert spans(recorder.take()) == {(0, 7), (7, 8)}


def test_an_instruction_that_is_retried_after_its_fault_begins_a_block(guest: Tiny) -> None:
    recorder = recorded(guest)
    guest.run("90 90 880f 90 90 c3", rdi=NOWHERE)
    guest.set(rdi=DATA)
    assert guest.engine.run(guest.get("rip")) == Stop(STOPPED)
    assert spans(recorder.take()) == {(0, 3), (2, 7)}


def test_three_faults_in_blocks_that_run_for_the_first_time_have_the_right_place(guest: Tiny) -> None:
    recorder = recorded(guest)
    guest.put("90 880f 90 880f 90 880f c3")
    for start in (0, 3, 6):
        assert again(guest, CODE + start, rdi=NOWHERE) == Stop(FAULT, 14)
        assert guest.get("rip") == CODE + start + 1
    assert spans(recorder.take()) == {(0, 2), (3, 5), (6, 8)}


def test_a_jump_into_the_middle_of_a_block_makes_another_one(guest: Tiny) -> None:
    recorder = recorded(guest)
    guest.run("90 90 90 c3")
    again(guest, CODE + 2)
    assert spans(recorder.take()) == {(0, 4), (2, 4)}


def test_an_invalid_opcode_ends_a_block(guest: Tiny) -> None:
    recorder = recorded(guest)
    assert guest.run("90 0f0b 90 c3").reason == FAULT
    assert spans(recorder.take()) == {(0, 3)}


def test_a_page_fault_of_a_fetch_leaves_the_block_that_jumped_whole(guest: Tiny) -> None:
    recorder = recorded(guest)
    assert guest.run("90 ffe7", rdi=NOWHERE).reason == FAULT
    assert spans(recorder.take()) == {(0, 3)}


def test_a_flush_in_between_changes_nothing(guest: Tiny) -> None:
    recorder = recorded(guest)
    guest.run(LOOP)
    blocks = recorder.look()
    guest.engine.flush_code()
    again(guest)
    assert recorder.look() == blocks


def test_a_call_that_does_not_return_ends_its_block_there(guest: Tiny) -> None:
    recorder = recorded(guest)
    guest.run("90 ffd7 90 c3", rdi=STUBS)  # nop; call *%rdi: the trap stops the engine
    assert spans(recorder.take()) == {(0, 3)}


def test_code_cannot_be_dropped_while_it_runs(guest: Tiny) -> None:
    recorder = recorded(guest)
    problems = []

    def trap() -> None:
        try:
            recorder.take()
        except RuntimeError as problem:
            problems.append(problem)
        guest.engine.stop()

    guest.trap = trap
    guest.run("90 ffd7 90 c3", rdi=STUBS)
    assert len(problems) == 1


def test_warm_code_is_reported_twice_and_never_again(guest: Tiny) -> None:
    asked = []
    recorder = Recorder(guest.engine, lambda virt: (asked.append(virt), REGION)[1])  # type: ignore[func-returns-value]
    recorder.start()
    guest.put(LOOP.replace("b903000000", "b9a0860100"))  # 100,000 rounds
    for _ in range(5):
        again(guest)
    assert sorted(asked) == sorted([CODE, CODE + 5, CODE + 9] * 2)


def test_a_rewind_forgets_nothing(make: Make) -> None:
    guest = warm(make(journal=True))
    recorder = recorded(guest)
    guest.put("85ff 7401 90 c3")
    saved = guest.engine.save()
    for rdi in (0, 1):
        again(guest, rdi=rdi)
        guest.engine.restore(saved)
    assert spans(recorder.take()) == {(0, 4), (4, 6), (5, 6)}
