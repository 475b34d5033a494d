"""The same result of a sweep, whoever does the work: this process, workers, a Dask cluster."""

import json
import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from runtime.errors import Usage
from runtime.sweep import cluster, workers
from runtime.sweep.besides import BRANCHES, LEFT, UNINIT, joined
from runtime.sweep.found import Found
from runtime.sweep.parallel import Front, Tally, Task, tasks
from runtime.sweep.spec import Spec, of_modules

TESTS = Path(__file__).resolve().parents[2]
FAULTY, RINGLOG = TESTS / "cli" / "faulty.c", TESTS / "example_project" / "ringlog.c"


@pytest.fixture(scope="module")
def spec(build_ko: Callable[[Path], Path]) -> Callable[..., Spec]:
    """A sweep of faulty.c: spec("leak", depth=2)."""
    data = build_ko(FAULTY).read_bytes()

    def make(how: str, more: str = "", **rest: Any) -> Spec:
        rest.setdefault("config", {"memory": "64M", "fences": "right"})
        return of_modules({"faulty": data}, {"faulty": f"how={how} {more}".strip()}, **rest)
    return make


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """Of a Dask cluster on this computer."""
    distributed = pytest.importorskip("distributed", reason="no Dask: pip install distributed")
    with distributed.LocalCluster(n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None) as local:
        yield local.scheduler_address


def text(results: list[dict[str, Any]]) -> str:
    return json.dumps(results, indent=2)


VARIANTS = {
    "leak": ("leak", "", {"coverage": True, "observe": True, "uninit": True}),
    "pairs": ("ignore", "many=2", {"depth": 2}),
    "all": ("leak", "many=4", {"every_event": True}),
    "both fences": ("leak", "", {"config": {"memory": "64M", "fences": "both"}}),
    "gap": ("gap", "", {}),
    "oops": ("oops", "", {}),
}


@pytest.fixture(scope="module")
def expected(spec: Callable[..., Spec]) -> dict[str, str]:
    """The result of each variant, made here."""
    return {name: text(Front([spec(how, more, **rest)]).run()) for name, (how, more, rest) in VARIANTS.items()}


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("jobs", [1, 2, 4])
def test_the_result_is_the_same_in_any_number_of_processes(
        spec: Callable[..., Spec], expected: dict[str, str], variant: str, jobs: int) -> None:
    how, more, rest = VARIANTS[variant]
    assert text(Front([spec(how, more, **rest)], jobs).run()) == expected[variant]


@pytest.mark.parametrize("variant", VARIANTS)
def test_the_result_is_the_same_by_fork(
        spec: Callable[..., Spec], expected: dict[str, str], variant: str) -> None:
    how, more, rest = VARIANTS[variant]
    assert text(Front([spec(how, more, fork=True, **rest)], 2).run()) == expected[variant]


@pytest.mark.parametrize("variant", VARIANTS)
def test_the_result_is_the_same_on_a_cluster(
        spec: Callable[..., Spec], expected: dict[str, str], variant: str, address: str) -> None:
    how, more, rest = VARIANTS[variant]
    assert text(Front([spec(how, more, **rest)], cluster=address).run()) == expected[variant]


@pytest.mark.parametrize("fences", ["", "left", "right"])
@pytest.mark.parametrize("depth", [1, 2])
def test_what_the_guest_keeps_on_the_heap_is_taken_back(
        build_ko: Callable[[Path], Path], fences: str, depth: int) -> None:
    """It follows pointers that it has written there: in error paths they have to be those of before the failure."""
    data = build_ko(RINGLOG).read_bytes()
    rest = {"config": {"memory": "64M", "fences": fences}, "depth": depth}
    here, forked = (of_modules({"ringlog": data}, {}, fork=fork, **rest) for fork in (False, True))
    [result] = Front([here]).run()
    assert [(row["kind"], row["allocated"][0]["line"]) for row in result["findings"]] == [("leak", 27)]
    assert text([result]) == text(Front([forked]).run())


def test_many_sweeps_at_once_come_back_in_their_order(
        spec: Callable[..., Spec], expected: dict[str, str], address: str) -> None:
    specs = [spec(how, more, **rest) for how, more, rest in VARIANTS.values()]
    several = text([json.loads(result)[0] for result in expected.values()])
    assert text(Front(specs, 2).run()) == several
    assert text(Front(specs, cluster=address).run()) == several


def test_few_sweeps_are_cut_into_parts_and_many_are_not(spec: Callable[..., Spec]) -> None:
    one = spec("leak", uninit=True)
    assert tasks([one], 2) == [Task(0, BRANCHES, 0, 2), Task(0, BRANCHES, 1, 2), Task(0, UNINIT, 0, 1)]
    assert {task.parts for task in tasks([one] * 4, 2)} == {1}


def test_progress_counts_each_scenario_once(spec: Callable[..., Spec], address: str) -> None:
    one = spec("leak", "many=3", every_event=True)
    for front in (Front([one]), Front([one], 2), Front([one], cluster=address)):
        told: list[tuple[int, int, int]] = []
        front.run(lambda done, total, findings, told=told: told.append((done, total, findings)))  # type: ignore[misc]
        assert told[-1] == (6, 6, 1)
        assert [done for done, _, _ in told] == sorted(done for done, _, _ in told)


def test_the_same_finding_of_two_parts_counts_once() -> None:
    told: list[tuple[int, int, int]] = []
    tally = Tally(lambda *numbers: told.append(numbers))
    for part in (0, 1):
        tally.tell(Task(0, BRANCHES, part, 2), 3, 5, ["cause"])
    assert told == [(3, 5, 1), (5, 9, 1)]


def finding(kind: str, allocated: list[str]) -> dict[str, Any]:
    return {"kind": kind, "allocated": allocated, "at": ["somewhere"]}


def test_what_both_sides_of_the_fences_see_is_one_finding() -> None:
    right, left = Found(), Found()
    right.scenarios[()] = {"findings": ["a"]}
    right.findings["a"] = (), finding("out-of-bounds", ["here"])
    left.scenarios[()] = {"findings": ["b", "c"]}
    left.findings |= {"b": ((), finding("out-of-bounds", ["here"])), "c": ((), finding("out-of-bounds", ["there"]))}
    left.scenarios[(1,)] = {"findings": ["c"]}
    both = joined(right, left)
    assert both.scenarios == {(): {"findings": ["a", "c"]}, (1,): {"findings": ["c"]}}
    assert right.scenarios == {(): {"findings": ["a"]}}
    assert LEFT == "left"


def test_what_goes_wrong_in_a_worker_is_raised_here(spec: Callable[..., Spec]) -> None:
    with pytest.raises(Usage, match="1048576 bytes"):
        Front([spec("leak", config={"memory": "1M"})], 2).run()


def test_a_worker_that_dies_is_told(spec: Callable[..., Spec], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "perform", lambda *_: os.kill(os.getpid(), signal.SIGKILL))
    with pytest.raises(RuntimeError, match="a worker process died"):
        Front([spec("leak")], 2).run()


def test_no_process_is_left_behind(spec: Callable[..., Spec]) -> None:
    before = set(multiprocessing.active_children())
    front = Front([spec("leak", "many=5000", every_event=True)], 2)
    began = threading.Event()
    main = threading.get_ident()

    def press() -> None:
        began.wait(30)
        signal.pthread_kill(main, signal.SIGINT)

    presser = threading.Thread(target=press)
    presser.start()
    results = front.run(lambda *_: began.set())
    presser.join()
    assert front.interrupted
    assert results[0]["interrupted"]
    assert 1 <= len(results[0]["scenarios"]) < 5000
    assert set(multiprocessing.active_children()) == before


def test_an_interrupted_sweep_tells_what_it_knows(spec: Callable[..., Spec]) -> None:
    front = Front([spec("leak", "many=5000", every_event=True)])

    def progress(done: int, total: int, findings: int) -> None:
        if done == 10:
            os.kill(os.getpid(), signal.SIGINT)

    start = time.monotonic()
    results = front.run(progress)
    assert time.monotonic() - start < 20
    assert front.interrupted
    assert len(results[0]["scenarios"]) == 10
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_without_dask_it_is_said_how_to_get_it(spec: Callable[..., Spec], monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> Any:
        raise ImportError(name)

    monkeypatch.setattr(cluster, "import_module", missing)
    with pytest.raises(Usage, match=r"pip install 'kmodrun\[cluster\]'"):
        Front([spec("leak")], cluster="tcp://127.0.0.1:1").run()


def test_a_cluster_that_does_not_answer_is_wrong_input(
        spec: Callable[..., Spec], monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("distributed", reason="no Dask: pip install distributed")
    monkeypatch.setattr(cluster, "ANSWER", 1)
    with pytest.raises(Usage, match="--cluster tcp:"):
        Front([spec("leak")], cluster="tcp://127.0.0.1:1").run()
