from itertools import pairwise
from types import SimpleNamespace

from runtime.check.tally import count_books
from runtime.clock import Clock
from runtime.mm.context import Books
from runtime.report.timeline import LIMIT, Timeline
from runtime.undo import Undo

STACK = (1,)


def kernel() -> SimpleNamespace:
    undo = Undo(False)
    books = Books(undo)
    count_books(books)
    return SimpleNamespace(clock=Clock(undo, 250), mm=SimpleNamespace(books=books))


def test_a_sample_is_taken_after_each_allocation_and_free() -> None:
    k = kernel()
    timeline = Timeline(k)
    k.mm.books.pages[5] = (1, 0, STACK)
    k.clock.sleep(1000)
    k.mm.books.vmalloc[0x1000] = (4096, 0, STACK)
    del k.mm.books.pages[5]
    made = timeline.as_dict()["samples"]
    assert made == [[1, 0, 0, 8192, 0, 0], [2, 1000, 0, 8192, 4096, 0], [3, 1000, 0, 0, 4096, 0]]


def test_the_books_count_on() -> None:
    k = kernel()
    Timeline(k)
    k.mm.books.percpu[64] = (8, 0, STACK)
    assert k.mm.books.percpu.counts[()].as_dict()["bytes"] == 8
    k.mm.books.percpu.check()


def test_what_the_kernel_allocates_for_itself_is_no_event() -> None:
    k = kernel()
    timeline = Timeline(k)
    k.mm.books.pages[5] = (0, 0, ())
    assert timeline.as_dict()["samples"] == []


def test_marks_stand_between_the_events_where_they_were_made() -> None:
    k = kernel()
    timeline = Timeline(k)
    timeline.mark("insmod a")
    k.mm.books.pages[5] = (0, 0, STACK)
    timeline.mark("rmmod a")
    assert timeline.as_dict()["marks"] == [[0, "insmod a"], [1, "rmmod a"]]


def test_a_long_run_is_thinned_evenly_and_keeps_its_peak() -> None:
    k = kernel()
    timeline = Timeline(k)
    events = 3 * LIMIT
    k.mm.books.pages[1] = (10, 0, STACK)
    del k.mm.books.pages[1]
    for pfn in range(2, events):
        k.mm.books.pages[pfn] = (0, 0, STACK)
    made = timeline.as_dict()
    assert made["events"] == events and len(made["samples"]) <= LIMIT
    numbers = [sample[0] for sample in made["samples"]]
    assert {after - before for before, after in pairwise(numbers)} == {4}
    assert made["peaks"][1] == (events - 2) * 4096
