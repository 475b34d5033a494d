"""Symbols by name, whose files are imported when they are first needed: importing all of kapi takes 15 ms.

index.txt saves that time and decides nothing. What it does not know, or knows wrongly, is looked for in every file: a
symbol that was declared a minute ago is found, later.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any, TypeVar

from kapi.registry import files
from kapi.registry import from_boot as _from_boot

V = TypeVar("V")

INDEX = Path(__file__).with_name("index.txt")


class Symbols(Mapping[str, V]):
    """One of the registry's tables, complete whatever has been imported so far."""

    def __init__(self, table: dict[str, V]) -> None:
        self._table = table

    def __getitem__(self, name: str) -> V:
        declare(name)
        return self._table[name]

    def __contains__(self, name: object) -> bool:
        declare(str(name))
        return name in self._table

    def __iter__(self) -> Iterator[str]:
        declare_all()
        return iter(self._table)

    def __len__(self) -> int:
        declare_all()
        return len(self._table)


def provides(name: str) -> str | None:
    """Which file provides a symbol: `kapi/slab.py`; None where nobody does."""
    declare(name)
    return files[name].replace(".", "/") + ".py" if name in files else None


def from_boot(function: str) -> Sequence[Callable[[Any], object]]:
    """What makes the things that must be there before a function is called; nothing for one that no file declares."""
    declare(function)
    return _from_boot.get(files.get(function, ""), ())


def declare(name: str) -> None:
    """Import the file that declares a symbol, or all files where the index does not lead to it."""
    if name not in files:
        file = indexed(name)
        if file:
            with suppress(ModuleNotFoundError):  # a file that has been renamed since
                import_module(f"kapi.{file}")
        if name not in files:
            declare_all()


@cache
def declare_all() -> None:
    """Import every file."""
    for path in sorted(Path(__file__).parent.iterdir()):
        if path.suffix == ".py" and not path.stem.startswith("_"):
            import_module(f"kapi.{path.stem}")


def indexed(name: str) -> str:
    """The file that index.txt names, "" where it does not know the symbol."""
    text = index_text()
    at = text.find(f"\n{name} ")
    return text[at + len(name) + 2 : text.index("\n", at + 1)] if at >= 0 else ""


@cache
def index_text() -> str:
    return "\n" + INDEX.read_text() if INDEX.exists() else "\n"


def fresh_index() -> str:
    """What index.txt has to say: a line `SYMBOL FILE` for each symbol, sorted."""
    declare_all()
    return "".join(f"{name} {file.removeprefix('kapi.')}\n" for name, file in sorted(files.items()))
