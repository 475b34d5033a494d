"""Which way each jump went, each time."""

from collections.abc import Callable

import pytest

from runtime import native
from runtime.arch import x86_64 as arch
from runtime.cpu.edges import FELL, JUMPED
from runtime.cpu.engine import FAULT, HANG, STOPPED, Stop
from runtime.cpu.translated import Recorder
from tests.runtime.tiny import CODE, DATA, NOWHERE, STUBS, TOP, Tiny

Make = Callable[..., Tiny]
BOTH = FELL | JUMPED
TEN = "b90a000000 ffc9 75fc c3"  # mov $10,%ecx; 1: dec %ecx; jnz 1b; ret


@pytest.fixture(params=["native", "python"])
def guest(make: Make, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Tiny:
    """python: as on a host that is not x86-64."""
    if request.param == "python":
        monkeypatch.setattr(native, "is_here", lambda: False)
    return make(blocks=100_000, edges=True)


def again(guest: Tiny, at: int = CODE, **registers: int) -> Stop:
    guest.mem.put64(TOP, STUBS)
    guest.set(rsp=TOP, **registers)
    return guest.engine.run(at)


def ways(guest: Tiny) -> dict[int, int]:
    return dict(guest.engine.edges.take(CODE, CODE + 0x1000))


def test_a_loop_jumps_and_then_falls_through(guest: Tiny) -> None:
    guest.run(TEN)
    assert ways(guest)[9] == BOTH


@pytest.mark.parametrize(("rdi", "way"), [(0, JUMPED), (1, FELL)])
def test_a_jump_that_goes_one_way_has_gone_that_way(guest: Tiny, rdi: int, way: int) -> None:
    for _ in range(5):
        guest.run("85ff 7401 90 c3", rdi=rdi)  # test %edi,%edi; je 1f; nop; 1: ret
    assert ways(guest)[4] == way


def test_a_return_to_where_a_jump_leads_is_not_that_jump(guest: Tiny) -> None:
    for _ in range(5):
        guest.put("85ff 7405 e801000000 c3 c3")  # test; je 1f; call 2f; 1: ret; 2: ret
        again(guest, rdi=1)
    assert ways(guest)[4] == FELL


def test_what_was_taken_is_taken_once(guest: Tiny) -> None:
    guest.run(TEN)
    assert ways(guest) and not ways(guest)
    again(guest)
    assert ways(guest)[9] == BOTH


def test_only_the_range_that_is_asked_for_is_taken(guest: Tiny) -> None:
    guest.run(TEN)
    assert guest.engine.edges.take(CODE + 11, CODE + 0x1000) == []
    assert guest.engine.edges.take(CODE + 8, CODE + 10) == [(1, BOTH)]


def test_a_block_that_faults_goes_nowhere(guest: Tiny) -> None:
    Recorder(guest.engine, lambda _: None).start()
    guest.put("880f 85ff 7401 90 c3")  # mov %cl,(%rdi); test; je
    for rip in (CODE + 6, STUBS):  # where the guest goes on then
        assert again(guest, rdi=NOWHERE) == Stop(FAULT, arch.PAGE_FAULT)
        again(guest, rip)
        assert 6 not in ways(guest)
    again(guest, rdi=DATA)
    assert ways(guest)[6] == JUMPED, "the low half of the address is 0"


def test_a_jump_at_which_the_blocks_run_out_goes_nowhere(make: Make) -> None:
    guest = make(blocks=2, edges=True)
    assert guest.run("eb00 85ff 7401 90 c3", rdi=0) == Stop(HANG)
    guest.engine.refill()
    assert again(guest, STUBS) == Stop(STOPPED)
    assert 6 not in ways(guest)


def test_an_engine_without_a_counter_notes_nothing(make: Make) -> None:
    assert make(edges=True).engine.edges is None and make(blocks=5).engine.edges is None


def test_the_counter_counts_the_same(make: Make) -> None:
    left = []
    for edges in (False, True):
        guest = make(blocks=1000, edges=edges)
        guest.run(TEN)
        left.append(guest.engine.budget.left)
    assert left[0] == left[1] < 1000


def test_a_module_that_takes_the_place_of_another_has_its_own_ways(make: Make) -> None:
    guest = make(blocks=100_000, edges=True)
    guest.run("c3")
    now = ["a", False, CODE, CODE + 0x1000]
    recorder = Recorder(guest.engine, lambda _: regions[now[0]])
    regions = {"a": ("a", False, CODE, CODE + 0x1000), "b": ("b", False, CODE, CODE + 0x800)}
    recorder.start()
    for now[0], rdi in (("a", 0), ("b", 1), ("a", 1)):
        guest.run("85ff 7401 90 c3", rdi=rdi)
    found = {block for block in recorder.take() if block[3] < 0}
    assert {("a", False, 4, -JUMPED), ("b", False, 4, -FELL), ("a", False, 4, -FELL)} <= found
    assert ("b", False, 4, -JUMPED) not in found
