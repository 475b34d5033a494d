import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtime.check.tally import Tally


def tally() -> Tally:
    """Records are (kind, size)."""
    return Tally(lambda record: record[1], lambda record: record[0])


def test_the_peak_is_what_was_alive_at_once() -> None:
    book = tally()
    book[1] = ("a", 10)
    book[2] = ("a", 20)
    book.pop(1)
    book[3] = ("a", 5)
    assert book.counts["a"].as_dict() == {
        "allocs": 3, "frees": 1, "bytes": 35, "peak_bytes": 30, "left": 2, "left_bytes": 25}


def test_kinds_are_counted_apart() -> None:
    book = tally()
    book[1] = ("a", 10)
    book[2] = ("b", 20)
    del book[1]
    assert [(kind, count.peak, count.now) for kind, count in book.counts.items()] == [("a", 10, 0), ("b", 20, 20)]


def test_a_free_of_nothing_counts_nothing() -> None:
    book = tally()
    assert book.pop(7, None) is None
    with pytest.raises(KeyError):
        book.pop(7)
    with pytest.raises(KeyError):
        del book[7]
    assert book.counts == {}


@given(st.lists(st.tuples(st.sampled_from(["put", "pop", "del"]), st.integers(0, 5), st.sampled_from("ab"),
                          st.integers(0, 99))))
def test_counts_and_contents_agree_after_any_history(history: list[tuple[str, int, str, int]]) -> None:
    book, model = tally(), {}
    for step, address, kind, size in history:
        if step == "put":
            book[address] = model[address] = (kind, size)
        elif step == "pop":
            assert book.pop(address, None) == model.pop(address, None)
        elif address in model:
            del book[address], model[address]
        book.check()
    assert book == model
