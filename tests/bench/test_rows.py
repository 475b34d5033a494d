"""That what is measured is what the table says."""

import pytest

from tests.bench import sweeps
from tests.bench.rows import EMPTY, LEAK, RATIOS, Guest, guest_code, iowrite8_rep, rows
from toolchain.cache import BuildError
from toolchain.compilers import find_compiler


@pytest.fixture(scope="module", autouse=True)
def compiler() -> None:
    try:
        find_compiler()
    except BuildError:
        pytest.skip("no C compiler: apt install gcc")


@pytest.fixture(scope="module")
def guest(compiler: None) -> Guest:
    return Guest()


def test_an_allocation_of_the_benchmark_has_five_frames_in_the_books(guest: Guest) -> None:
    guest.seconds(LEAK, 1)
    leak = guest.machine.findings[-1]
    assert leak.kind == "leak"
    assert [frame["symbol"] for frame in guest.machine.frames(leak.allocated)][:5] == [
        "leaks", "fourth", "third", "second", "bench_init"]


def test_an_empty_trap_takes_three_arguments(guest: Guest) -> None:
    guest.seconds(EMPTY, 3)
    assert guest.machine.kernel.provider.made("iowrite8_rep")
    assert iowrite8_rep.__code__.co_argcount == 1 + 3


def test_both_runs_of_guest_code_are_of_one_function() -> None:
    ours, bare = guest_code()
    assert 0.5 < ours.sample() / bare.sample() < 2


def test_every_ratio_is_of_rows_that_are_measured() -> None:
    names = {row.name for row in (*rows(), *sweeps.rows())}
    assert {name for ratio in (*RATIOS, *sweeps.RATIOS) for name in (ratio.above, ratio.below)} <= names
