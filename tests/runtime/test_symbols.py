"""Names for addresses of the kernel."""

import pytest

from runtime.symbols import Symbol, Symbols

TEXT = 0xFFFFFFFF81000000
MODULE = 0xFFFFFFFFC0000000


@pytest.fixture
def symbols() -> Symbols:
    symbols = Symbols()
    symbols.add("kmalloc", TEXT, 16)
    symbols.add("kfree", TEXT + 16, 16)
    symbols.add("small", TEXT + 0x88, 4)
    symbols.add("caches", TEXT + 0x10000, 0x3000)
    return symbols


def test_every_byte_of_a_symbol_has_its_name(symbols: Symbols) -> None:
    assert symbols.lookup(TEXT) == Symbol("kmalloc", 0, 16)
    assert symbols.lookup(TEXT + 15) == Symbol("kmalloc", 15, 16)
    assert symbols.lookup(TEXT + 16) == Symbol("kfree", 0, 16)


def test_what_lies_between_symbols_has_none(symbols: Symbols) -> None:
    assert symbols.lookup(TEXT + 32) is None
    assert symbols.lookup(TEXT - 1) is None
    assert symbols.lookup(TEXT + 0x8C) is None
    assert symbols.lookup(0) is None


def test_a_variable_at_any_address_and_of_any_size_is_found(symbols: Symbols) -> None:
    assert symbols.lookup(TEXT + 0x8B) == Symbol("small", 3, 4)
    assert symbols.lookup(TEXT + 0x12FFF) == Symbol("caches", 0x2FFF, 0x3000)


def test_a_symbol_that_comes_later_is_found_too(symbols: Symbols) -> None:
    assert symbols.lookup(TEXT + 0x40) is None
    symbols.add("late", TEXT + 0x40, 16)
    assert symbols.lookup(TEXT + 0x41) == Symbol("late", 1, 16)
    assert symbols.by_name["late"] == TEXT + 0x40


def test_modules_are_asked_first(symbols: Symbols) -> None:
    symbols.in_modules = lambda virt: Symbol("init", virt - MODULE, 64, "mod") if virt >= MODULE else None
    assert symbols.describe(MODULE + 0x12) == "init+0x12/0x40 [mod]"
    assert symbols.describe(TEXT + 0x11) == "kfree+0x1/0x10"


def test_a_return_address_belongs_to_the_call_before_it(symbols: Symbols) -> None:
    symbols.in_modules = lambda virt: Symbol("init", virt - MODULE, 64, "mod") if virt >= MODULE else None
    assert symbols.describe_return(TEXT + 16) == "kmalloc+0x10/0x10"
    assert symbols.describe_return(MODULE + 64) == "init+0x40/0x40 [mod]"
    assert symbols.describe_return(TEXT + 33) == hex(TEXT + 33)


def test_an_address_without_a_name_is_shown_bare(symbols: Symbols) -> None:
    assert symbols.describe(0xFFFF888000001234) == "0xffff888000001234"
