"""Structures as bytes, against the views of the same."""

from collections.abc import Callable
from typing import Any

import pytest

from runtime.abi import load
from runtime.abi.packed import packed
from tests.runtime.tiny import DATA, Tiny

ABI = load()


def test_the_values_lie_where_the_members_do_and_the_rest_is_zero() -> None:
    mem = Tiny().mem
    data = packed(ABI, "miscdevice", "minor", "name", "list.next", "list.prev", "mode").pack(-3, 1 << 63, 5, 6, 0o644)
    mem.fill(DATA, 0x100, 0xFF)
    mem.write(DATA, data)
    view = ABI.view("miscdevice")(mem, DATA)
    assert (view.minor, view.name, view.list.next, view.list.prev, view.mode) == (-3, 1 << 63, 5, 6, 0o644)
    assert (view.fops, view.parent, view.this_device, view.groups, view.nodename) == (0, 0, 0, 0, 0)
    assert len(data) == ABI.sizeof("miscdevice") and mem.u8(DATA + len(data)) == 0xFF


@pytest.mark.parametrize(
    ("members", "error"),
    [(("name", "minor"), AssertionError), (("nothing",), KeyError), (("list",), KeyError)],
)
def test_members_are_named_in_their_order_and_are_no_structures(members: tuple[str, ...], error: type) -> None:
    make: Callable[..., Any] = packed
    with pytest.raises(error):
        make(ABI, "miscdevice", *members)
