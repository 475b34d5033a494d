"""What list_add() and list_del() check before they touch a list."""

from types import SimpleNamespace
from typing import Any

import pytest

import kapi
from runtime.abi import load
from runtime.arch import x86_64 as arch
from runtime.errors import GuestFault, KernelBug
from tests.runtime.tiny import Space

ABI = load()
BASE = arch.VMALLOC_START
HEAD, A, B, NEW, WRONG = (BASE + 0x40 * index for index in range(5))
POISON1, POISON2 = 0xDEAD000000000100, 0xDEAD000000000122


class Trouble:
    def bug(self, site: str, *arguments: object) -> None:
        raise KernelBug(site, *arguments)


class List:
    """HEAD, A and B in a ring; NEW is in none."""

    def __init__(self) -> None:
        space = Space()
        space.tables.map_page(BASE, 0x5000, arch.KERNEL)
        self.mem = space.mem
        self.k: Any = SimpleNamespace(mem=space.mem, abi=ABI, trouble=Trouble())
        for entry, following in ((HEAD, A), (A, B), (B, HEAD)):
            self.mem.put64(entry, following)
            self.mem.put64(following + 8, entry)

    def add(self, new: int, prev: int, following: int) -> Any:
        return kapi.functions["__list_add_valid"](self.k, new, prev, following)

    def delete(self, entry: int) -> Any:
        return kapi.functions["__list_del_entry_valid"](self.k, entry)


@pytest.fixture
def ring() -> List:
    return List()


def test_a_good_list_may_be_changed_anywhere(ring: List) -> None:
    for prev, following in ((HEAD, A), (A, B), (B, HEAD)):
        assert ring.add(NEW, prev, following) == 1
    assert [ring.delete(entry) for entry in (A, B, HEAD)] == [1, 1, 1]


def test_a_list_of_one_may_be_changed(ring: List) -> None:
    ring.mem.put64(HEAD, HEAD)
    ring.mem.put64(HEAD + 8, HEAD)
    assert ring.add(NEW, HEAD, HEAD) == 1 and ring.delete(HEAD) == 1


ADD = {
    "list_add_prev_null": ((), (NEW, 0, A), ()),
    "list_add_next_null": ((), (NEW, HEAD, 0), ()),
    "list_add_next_prev": (((A + 8, WRONG),), (NEW, HEAD, A), (HEAD, WRONG, A)),
    "list_add_prev_next": (((HEAD, WRONG),), (NEW, HEAD, A), (A, WRONG, HEAD)),
    "list_add_double": ((), (A, HEAD, A), (A, HEAD, A)),
}


@pytest.mark.parametrize("site", ADD)
def test_what_is_wrong_with_a_place_is_said(ring: List, site: str) -> None:
    damage, arguments, said = ADD[site]
    for at, value in damage:
        ring.mem.put64(at, value)
    with pytest.raises(KernelBug) as caught:
        ring.add(*arguments)
    assert (caught.value.site, caught.value.arguments) == (site, said)


DELETE = {
    "list_del_next_null": (((A, 0),), (A,)),
    "list_del_prev_null": (((A + 8, 0),), (A,)),
    "list_del_poison1": (((A, POISON1), (A + 8, POISON2)), (A, POISON1)),
    "list_del_poison2": (((A + 8, POISON2),), (A, POISON2)),
    "list_del_prev_next": (((HEAD, WRONG),), (A, WRONG, HEAD)),
    "list_del_next_prev": (((B + 8, WRONG),), (A, WRONG, B)),
}


@pytest.mark.parametrize("site", DELETE)
def test_what_is_wrong_with_an_entry_is_said(ring: List, site: str) -> None:
    damage, said = DELETE[site]
    for at, value in damage:
        ring.mem.put64(at, value)
    with pytest.raises(KernelBug) as caught:
        ring.delete(A)
    assert (caught.value.site, caught.value.arguments) == (site, said)


def test_a_neighbour_that_is_not_there_is_a_fault(ring: List) -> None:
    ring.mem.put64(A + 8, 0x6B6B6B6B6B6B6B6B)
    with pytest.raises(GuestFault) as caught:
        ring.delete(A)
    assert caught.value.address == 0x6B6B6B6B6B6B6B6B
