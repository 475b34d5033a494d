"""The journal: after a rewind everything is as it was at the mark, whatever was done in between."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from runtime.undo import Undo, pop, pop_key, push, put_key

KEYS = st.integers(0, 7)
VALUES = st.integers(0, 99)
INDEXES = st.integers(-9, 9)
BOUNDS = st.none() | st.integers(-9, 9)
ITEMS = st.lists(VALUES, max_size=4)


class Thing:
    """Has a class attribute that stands in for one of its own."""

    level = 0

    def __init__(self) -> None:
        self.name, self.count = "thing", 0


class Slotted:
    __slots__ = ("a", "b")


class Journal(RuleBasedStateMachine):
    """A journalled dict, list and object beside plain ones; marks keep copies of the plain ones."""

    def __init__(self) -> None:
        super().__init__()
        self.undo = Undo(True)
        self.dict: dict[int, int] = self.undo.dict({1: 10})
        self.list: list[int] = self.undo.list([1, 2, 3])
        self.thing = self.undo.adopt(Thing())
        self.plain_dict, self.plain_list, self.plain = {1: 10}, [1, 2, 3], dict(self.thing.__dict__)
        self.marks: list[tuple[int, dict[int, int], list[int], dict[str, Any]]] = []

    @rule()
    def mark(self) -> None:
        state = dict(self.plain_dict), list(self.plain_list), dict(self.plain)
        self.marks.append((self.undo.mark(), *state))

    @precondition(lambda self: self.marks)
    @rule(data=st.data(), stays=st.booleans())
    def rewind(self, data: Any, stays: bool) -> None:
        at = data.draw(st.integers(0, len(self.marks) - 1))
        number, *state = self.marks[at]
        self.undo.rewind(number)
        self.plain_dict, self.plain_list, self.plain = dict(state[0]), list(state[1]), dict(state[2])
        del self.marks[at + stays :]

    @rule(key=KEYS, value=VALUES, how=st.sampled_from(["set", "setdefault", "update", "named"]))
    def change_the_dict(self, key: int, value: int, how: str) -> None:
        for box in (self.dict, self.plain_dict):
            if how == "set":
                box[key] = value
            elif how == "setdefault":
                box.setdefault(key, value)
            elif how == "update":
                box.update({key: value, key + 1: value})
            else:
                box.update([(key, value)])

    @rule(key=KEYS, default=VALUES)
    def take_out_of_the_dict(self, key: int, default: int) -> None:
        assert self.dict.pop(key, default) == self.plain_dict.pop(key, default)

    @rule(key=KEYS)
    def delete_from_the_dict(self, key: int) -> None:
        for box in (self.dict, self.plain_dict):
            if key in box:
                del box[key]

    @rule()
    def clear_the_dict(self) -> None:
        self.dict.clear()
        self.plain_dict.clear()

    @rule(items=ITEMS, one=st.booleans())
    def lengthen_the_list(self, items: list[int], one: bool) -> None:
        for box in (self.list, self.plain_list):
            if one:
                box.append(len(items))
            else:
                box.extend(iter(items))

    @rule(index=INDEXES, value=VALUES)
    def insert(self, index: int, value: int) -> None:
        self.list.insert(index, value)
        self.plain_list.insert(index, value)

    @rule(index=INDEXES, value=VALUES, how=st.sampled_from(["pop", "del", "set", "remove"]))
    def change_one_item(self, index: int, value: int, how: str) -> None:
        size = len(self.plain_list)
        if not -size <= index < size:
            return
        for box in (self.list, self.plain_list):
            if how == "pop":
                box.pop(index)
            elif how == "del":
                del box[index]
            elif how == "set":
                box[index] = value
            else:
                box.remove(box[index])

    @rule(start=BOUNDS, stop=BOUNDS, items=ITEMS, delete=st.booleans())
    def change_a_slice(self, start: int | None, stop: int | None, items: list[int], delete: bool) -> None:
        for box in (self.list, self.plain_list):
            if delete:
                del box[start:stop]
            else:
                box[start:stop] = items

    @rule(step=st.sampled_from([-2, -1, 2, 3]))
    def change_a_slice_with_a_step(self, step: int) -> None:
        for box in (self.list, self.plain_list):
            box[::step] = [7] * len(box[::step])

    @rule()
    def clear_the_list(self) -> None:
        self.list.clear()
        self.plain_list.clear()

    @rule(name=st.sampled_from(["name", "count", "extra"]), value=VALUES)
    def assign(self, name: str, value: int) -> None:
        setattr(self.thing, name, value)
        self.plain[name] = value

    @rule(name=st.sampled_from(["name", "extra"]))
    def delete_an_attribute(self, name: str) -> None:
        if name in self.plain:
            delattr(self.thing, name)
            del self.plain[name]

    @invariant()
    def both_are_the_same(self) -> None:
        assert self.dict == self.plain_dict
        assert list(self.list) == self.plain_list
        assert self.thing.__dict__ == self.plain


Journal.TestCase.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
TestJournal = Journal.TestCase


def test_without_a_journal_the_plain_types_are_made() -> None:
    undo, thing = Undo(False), Thing()
    assert type(undo.dict()) is dict and type(undo.list()) is list
    assert undo.adopt(thing) is thing and type(thing) is Thing
    thing.count = 5
    undo.note(setattr, thing, "count", 0)
    undo.rewind(undo.mark())
    assert thing.count == 5 and not undo.log


def test_a_rewind_keeps_the_identity_of_what_it_takes_back() -> None:
    undo = Undo(True)
    box, inner = undo.dict({"a": 1}), undo.list()
    box["list"] = inner
    mark = undo.mark()
    inner.append(3)
    box["list"] = undo.list([9])
    undo.rewind(mark)
    assert box["list"] is inner and inner == []


def test_a_note_is_undone_in_its_turn() -> None:
    undo, told = Undo(True), list[str]()
    box = undo.dict({"a": 1})
    mark = undo.mark()
    box["a"] = 2
    undo.note(lambda text: told.append(f"{text} {box['a']}"), "a was")
    box["a"] = 3
    undo.rewind(mark)
    assert told == ["a was 2"] and box == {"a": 1}


def test_an_adopted_object_remains_what_it_was() -> None:
    undo, thing = Undo(True), Slotted()
    adopted = undo.adopt(thing)
    assert adopted is thing and isinstance(thing, Slotted) and type(thing).__name__ == "Slotted"
    mark = undo.mark()
    thing.a, thing.b = 1, 2
    thing.a = 3
    undo.rewind(mark)
    assert not hasattr(thing, "a") and not hasattr(thing, "b")


def test_an_object_adopted_twice_is_logged_once() -> None:
    undo = Undo(True)
    thing = undo.adopt(undo.adopt(Thing()))
    before = undo.mark()
    thing.count = 1
    assert undo.mark() == before + 1


def test_a_class_attribute_shows_again_when_its_cover_is_undone() -> None:
    undo = Undo(True)
    thing = undo.adopt(Thing())
    mark = undo.mark()
    thing.level = 4
    undo.rewind(mark)
    assert thing.level == 0


def test_a_failed_change_is_not_logged() -> None:
    undo = Undo(True)
    box, items, thing = undo.dict(), undo.list([1]), undo.adopt(Thing())
    for wrong in (
        lambda: box.pop("gone"),
        lambda: box.__delitem__("gone"),
        lambda: items.pop(5),
        lambda: items.__setitem__(5, 0),
        lambda: items.remove(9),
        lambda: items.__setitem__(slice(None, None, 2), [1, 2, 3]),
        lambda: thing.__delattr__("gone"),
    ):
        with pytest.raises((KeyError, IndexError, ValueError, AttributeError)):
            wrong()
    assert undo.mark() == 0 and items == [1]


@pytest.mark.parametrize("method", ["sort", "reverse"])
def test_a_change_that_is_not_journalled_is_refused(method: str) -> None:
    undo = Undo(True)
    items, box = undo.list([2, 1]), undo.dict({1: 1})
    with pytest.raises(TypeError):
        getattr(items, method)()
    with pytest.raises(TypeError):
        items *= 2
    with pytest.raises(TypeError):
        del items[::2]
    with pytest.raises(TypeError):
        box.popitem()
    with pytest.raises(TypeError):
        box |= {2: 2}
    assert items == [2, 1] and box == {1: 1}


@given(st.lists(st.integers(0, 5)))
@settings(max_examples=30, deadline=None)
def test_adding_to_a_list_in_place_keeps_it_journalled(more: list[int]) -> None:
    undo = Undo(True)
    items = kept = undo.list([1])
    mark = undo.mark()
    items += more
    assert items is kept and items == [1, *more]
    undo.rewind(mark)
    assert kept == [1]


@pytest.mark.parametrize("journal", [True, False])
def test_what_a_hot_path_notes_is_undone(journal: bool) -> None:
    undo = Undo(journal)
    book, free = undo.dict({"a": 1, "b": 2}), undo.list([1, 2])
    mark = undo.mark()
    value = pop_key(book, "a", None)
    undo.noted((put_key, book, "a", value))
    push(free, value)
    undo.noted((pop, free))
    assert book == {"b": 2} and free == [1, 2, 1]
    undo.rewind(mark)
    assert (book, free) == (({"a": 1, "b": 2}, [1, 2]) if journal else ({"b": 2}, [1, 2, 1]))
