"""Numbers of character devices: majors are handed out as long as there are any, and minors never twice."""

from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtime.devices.numbers import MINORS, Numbers, take
from runtime.undo import Undo


def kernel() -> Any:
    said: list[str] = []
    devices = SimpleNamespace(numbers=Numbers(Undo(journal=False)))
    return SimpleNamespace(devices=devices, said=said, printk=lambda _, text: said.append(text))


def test_majors_are_handed_out_from_the_highest_until_none_is_left() -> None:
    k = kernel()
    majors = [take(k, 0, 0, 1, "a") for _ in range(142)]
    assert majors[:14] == [246, 245, 244, 243, 242, 241, 240, 239, 238, 237, 236, 235, 234, 511]
    assert majors[13:141] == list(range(511, 383, -1))
    assert majors[141] == -16 and k.said == ['CHRDEV "a" dynamic allocation region is full']


@pytest.mark.parametrize(
    ("major", "first", "count", "result"),
    [(512, 0, 1, -22), (240, MINORS - 1, 2, -22), (240, MINORS - 1, 1, 240), (1, 255, 1, -16), (1, 256, 1, 1)],
)
def test_what_does_not_fit_is_refused(major: int, first: int, count: int, result: int) -> None:
    assert take(kernel(), major, first, count, "a") == result


@given(st.lists(st.tuples(st.integers(0, 20), st.integers(1, 8), st.booleans())))
def test_no_minor_is_taken_twice(steps: list[tuple[int, int, bool]]) -> None:
    k, model = kernel(), dict[tuple[int, int], set[int]]()
    for first, count, gives in steps:
        wanted = set(range(first, first + count))
        if gives:
            assert (k.devices.numbers.release(240, first, count) is not None) == ((first, count) in model)
            model.pop((first, count), None)
        else:
            free = not any(wanted & taken for taken in model.values())
            assert take(k, 240, first, count, "a") == (240 if free else -16)
            if free:
                model[first, count] = wanted
