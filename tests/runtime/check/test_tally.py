from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtime import Machine
from runtime.check.tally import Tally, count_books
from toolchain import build

ROOT = Path(__file__).resolve().parents[3]
STACK = (0xFFFFFFFFC0000010,)


class Cache:
    def __init__(self, name: str) -> None:
        self.name = name


class Books:
    def __init__(self) -> None:
        count_books(self)


def tally() -> Tally:
    """Records are (path, size)."""
    return Tally(lambda record: record[1], lambda record: record[0])


def test_the_peak_is_what_was_alive_at_once() -> None:
    book = tally()
    book[1] = ((), 10)
    book[2] = ((), 20)
    book.pop(1)
    book[3] = ((), 5)
    assert book.counts[()].as_dict() == {
        "allocs": 3, "frees": 1, "bytes": 35, "peak_bytes": 30, "left": 2, "left_bytes": 25}


def test_a_path_is_counted_under_all_its_beginnings() -> None:
    book = tally()
    book[1] = (("a", "x"), 10)
    book[2] = (("a", "y"), 20)
    del book[1]
    found = {path: (count.peak, count.now) for path, count in book.counts.items()}
    assert found == {(): (30, 20), ("a",): (30, 20), ("a", "x"): (10, 0), ("a", "y"): (20, 20)}


def test_a_free_of_nothing_counts_nothing() -> None:
    book = tally()
    assert book.pop(7, None) is None
    with pytest.raises(KeyError):
        book.pop(7)
    with pytest.raises(KeyError):
        del book[7]
    assert book.counts[()].frees == 0


def test_slab_objects_are_counted_by_the_name_that_their_cache_was_created_with() -> None:
    books, merged = Books(), Cache("kmalloc-16")
    books.slab[1] = (merged, 16, 0, STACK)
    books.caches[1] = (merged, "lkp-cache", 16, ())
    books.slab[2] = (merged, 16, 0, STACK)
    books.slab[3] = (None, 9000, 0, STACK)
    books.slab.pop(1)
    assert {path: count.now for path, count in books.slab.counts.items() if path} == {
        ("kmalloc",): 9000, ("kmalloc", "kmalloc-16"): 0, ("kmalloc", "kmalloc-large"): 9000,
        ("slab",): 16, ("slab", "lkp-cache"): 16}
    books.slab.check()


def test_pages_are_counted_in_bytes() -> None:
    books = Books()
    books.pages[5] = (3, 0, STACK)
    assert books.pages.counts[()].now == 8 * 4096


def test_what_the_kernel_allocates_for_itself_is_not_counted() -> None:
    books = Books()
    books.slab[1] = (Cache("kmalloc-16"), 11, 0, ())
    books.pages[1] = (0, 0, ())
    assert len(books.slab) == len(books.pages) == 1
    books.slab.pop(1)
    assert books.slab.counts[()].allocs == books.slab.counts[()].frees == books.pages.counts[()].allocs == 0


@given(st.lists(st.tuples(st.sampled_from(["put", "pop", "del"]), st.integers(0, 5), st.text("ab", max_size=2),
                          st.integers(0, 99))))
def test_counts_and_contents_agree_after_any_history(history: list[tuple[str, int, str, int]]) -> None:
    book, model = tally(), {}
    for step, address, path, size in history:
        if step == "put":
            book[address] = model[address] = (tuple(path), size)
        elif step == "pop":
            assert book.pop(address, None) == model.pop(address, None)
        elif address in model:
            del book[address], model[address]
        book.check()
    assert book == model


@pytest.mark.parametrize("fences", ["", "right"])
def test_all_that_a_module_frees_is_counted(fences: str) -> None:
    with Machine(tally=True, fences=fences) as machine:
        machine.insmod(build(ROOT / "tests/bench/seven.c").read_bytes())
        machine.rmmod("seven")
        books = machine.kernel.mm.books
        for book in (books.slab, books.pages, books.vmalloc, books.percpu, books.caches):
            assert isinstance(book, Tally)
            assert book.counts[()].allocs == book.counts[()].frees > 0
            book.check()
