"""Containers that can be taken back to an earlier mark.

All state of a machine that lives in Python is kept in the dicts, lists and objects made here. On a machine that is
never rewound they are the plain types. On one that is, each change appends how to undo it to one log: a mark is the
length of that log, and a rewind costs what was changed since, however much is alive.

A hot path changes a container by the plain methods below, which log nothing, and says itself how that is undone:

    record = pop_key(book, objp, None)
    noted((put_key, book, objp, record))
"""

import builtins
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from itertools import starmap
from operator import call
from typing import Any, NoReturn, TypeVar

K = TypeVar("K")
V = TypeVar("V")
T = TypeVar("T")
Entry = tuple[Any, ...]
"""(function, its arguments ...): what undoes a change."""
Log = builtins.list[Entry]

_MISSING: Any = object()
_exhaust: Callable[[Iterable[Any]], None] = deque[Any](maxlen=0).extend
put_key, del_key, pop_key = builtins.dict.__setitem__, builtins.dict.__delitem__, builtins.dict.pop
put_item, push, pop, insert, extend, cut = (
    builtins.list.__setitem__, builtins.list.append, builtins.list.pop, builtins.list.insert, builtins.list.extend,
    builtins.list.__delitem__,
)  # fmt: skip
put_attribute = object.__setattr__


class Undo:
    """The log, and the factories of what is written to it. journal=False: plain containers, no marks."""

    def __init__(self, journal: bool) -> None:
        self.journal = journal
        self.log: Log = []
        # For who changes a container by a plain method: takes an entry of the log. Without a journal it forgets it.
        nowhere: deque[Entry] = deque(maxlen=0)
        self.noted: Callable[[Entry], object] = self.log.append if journal else nowhere.append
        self._classes: builtins.dict[type, type] = {}
        members = {"__slots__": (), "log": self.log}
        self._dict: type = type("JournalDict", (_JournalDict,), members) if journal else builtins.dict
        self._list: type = type("JournalList", (_JournalList,), members) if journal else builtins.list

    def dict(self, items: Mapping[K, V] | Iterable[tuple[K, V]] = ()) -> builtins.dict[K, V]:
        """A dict whose changes are undone by rewind()."""
        made: builtins.dict[K, V] = self._dict(items)
        return made

    def list(self, items: Iterable[V] = ()) -> builtins.list[V]:
        """A list whose changes are undone by rewind()."""
        made: builtins.list[V] = self._list(items)
        return made

    def adopt(self, thing: T) -> T:
        """Undo later assignments to attributes of thing, and deletions of them, too. Returns thing."""
        if self.journal:
            cls = type(thing)
            if cls not in self._classes:
                made = _journalled(cls, self.log)
                self._classes[cls] = self._classes[made] = made  # adopted twice is adopted
            object.__setattr__(thing, "__class__", self._classes[cls])
        return thing

    def note(self, function: Any, *args: Any) -> None:
        """Log that function(*args) undoes what the caller has just done (nothing on a machine without a journal)."""
        if self.journal:
            self.log.append((function, *args))

    def mark(self) -> int:
        """Name the present state. Marks nest; a rewind to one drops the later ones."""
        return len(self.log)

    def rewind(self, mark: int) -> None:
        """Undo, last first, all that was changed since the mark."""
        tail = self.log[mark:]
        del self.log[mark:]
        _exhaust(starmap(call, reversed(tail)))


def _journalled(cls: type, log: Log) -> type:
    """A subclass of cls, of the same layout, that logs each assignment."""
    set_attribute, delete = object.__setattr__, object.__delattr__

    def __setattr__(self: object, name: str, value: object) -> None:
        old = getattr(self, name, _MISSING)
        log.append((delete, self, name) if old is _MISSING else (set_attribute, self, name, old))
        set_attribute(self, name, value)

    def __delattr__(self: object, name: str) -> None:
        old = getattr(self, name, None)
        delete(self, name)
        log.append((set_attribute, self, name, old))

    members = {"__slots__": (), "__setattr__": __setattr__, "__delattr__": __delattr__}
    return type(cls.__name__, (cls,), members)


class _JournalDict(builtins.dict[Any, Any]):
    """dict of which every changing method is journalled.

    A rewind restores the keys and values, not the order of the keys: whoever needs an order (a free list, say) keeps it
    in a list, beside the dict if need be, and never takes "the last key" of a dict.
    """

    __slots__ = ()
    log: Log

    def __setitem__(self, key: Any, value: Any) -> None:
        self.log.append((put_key, self, key, self[key]) if key in self else (del_key, self, key))
        put_key(self, key, value)

    def __delitem__(self, key: Any) -> None:
        self.log.append((put_key, self, key, pop_key(self, key)))

    def pop(self, key: Any, default: Any = _MISSING) -> Any:
        """As dict.pop()."""
        if key not in self:
            if default is _MISSING:
                raise KeyError(key)
            return default
        value = pop_key(self, key)
        self.log.append((put_key, self, key, value))
        return value

    def popitem(self) -> NoReturn:
        raise TypeError("not journalled: it would take the last key, and a rewind does not restore the order of keys")

    def setdefault(self, key: Any, default: Any = None) -> Any:
        if key not in self:
            self[key] = default
        return self[key]

    def update(self, *others: Any, **named: Any) -> None:
        for key, value in builtins.dict(*others, **named).items():
            self[key] = value

    def clear(self) -> None:
        if self:
            self.log.append((builtins.dict.update, self, builtins.dict(self)))
            builtins.dict.clear(self)

    def __ior__(self, other: Any) -> NoReturn:  # type: ignore[misc]
        raise TypeError("use update()")


class _JournalList(builtins.list[Any]):
    """list of which every changing method is journalled; those that are not offered raise TypeError."""

    __slots__ = ()
    log: Log

    def append(self, item: Any) -> None:
        push(self, item)
        self.log.append((pop, self))

    def pop(self, index: Any = -1) -> Any:
        """As list.pop()."""
        item = pop(self, index)
        if index == -1:
            self.log.append((push, self, item))
        else:
            self.log.append((insert, self, index if index >= 0 else len(self) + 1 + index, item))
        return item

    def extend(self, items: Iterable[Any]) -> None:
        before = len(self)
        builtins.list.extend(self, items)
        self.log.append((builtins.list.__delitem__, self, slice(before, None)))

    def insert(self, index: Any, item: Any) -> None:
        at = min(int(index), len(self)) if index >= 0 else max(len(self) + int(index), 0)
        insert(self, at, item)
        self.log.append((pop, self, at))

    def remove(self, item: Any) -> None:
        self.pop(self.index(item))

    def clear(self) -> None:
        if self:
            self.log.append((builtins.list.extend, self, builtins.list(self)))
            builtins.list.clear(self)

    def __setitem__(self, index: Any, value: Any) -> None:
        if index.__class__ is slice:
            self._replace(index, builtins.list(value))
        else:
            self.log.append((put_item, self, index, self[index]))
            put_item(self, index, value)

    def _replace(self, where: slice, items: builtins.list[Any]) -> None:
        start, _, step = where.indices(len(self))
        old = self[where]
        put_item(self, where, items)
        at = slice(start, start + len(items)) if step == 1 else where
        self.log.append((put_item, self, at, old))

    def __delitem__(self, index: Any) -> None:
        if isinstance(index, slice):
            start, _, step = index.indices(len(self))
            if step != 1:
                raise TypeError("a slice with a step is not journalled")
            self.log.append((put_item, self, slice(start, start), self[index]))
            builtins.list.__delitem__(self, index)
        else:
            self.pop(index)

    def __iadd__(self, items: Iterable[Any]) -> "_JournalList":  # type: ignore[misc]
        self.extend(items)
        return self

    def _refuse(self, *_: Any, **__: Any) -> NoReturn:
        raise TypeError("not journalled")

    sort = reverse = __imul__ = _refuse
