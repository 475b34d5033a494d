"""Views read and write structures as C would."""

import struct
from typing import Any

import pytest

from runtime.abi import load
from runtime.abi.views import make_view

ABI = load()


class FlatMemory:
    """A bytearray at address 0 with the reading and writing names of guest memory."""

    def __init__(self, size: int) -> None:
        self.data = bytearray(size)
        for bits, letter in ((8, "B"), (16, "H"), (32, "I"), (64, "Q")):
            setattr(self, f"u{bits}", self._reader("<" + letter))
            setattr(self, f"i{bits}", self._reader("<" + letter.lower()))
            setattr(self, f"put{bits}", self._writer("<" + letter, (1 << bits) - 1))

    def _reader(self, form: str) -> Any:
        return lambda va: struct.unpack_from(form, self.data, va)[0]

    def _writer(self, form: str, mask: int) -> Any:
        return lambda va, value: struct.pack_into(form, self.data, va, value & mask)


def test_pointers_are_read_and_written_at_their_offsets() -> None:
    mem = FlatMemory(64)
    head = ABI.view("list_head")(mem, 16)
    head.next, head.prev = 0xFFFF888000001000, 5
    assert mem.data[16:32] == struct.pack("<QQ", 0xFFFF888000001000, 5)
    assert (head.next, head.prev, head.va) == (0xFFFF888000001000, 5, 16)
    assert ABI.view("list_head").size == 16


def test_signed_members_are_signed() -> None:
    mem = FlatMemory(16)
    count = ABI.view("atomic_t")(mem, 4)
    count.counter = -1
    assert count.counter == -1
    assert mem.data == b"\0\0\0\0\xff\xff\xff\xff" + bytes(8)


def test_a_bit_field_leaves_its_neighbours_alone() -> None:
    mem = FlatMemory(128)
    slab = ABI.view("slab")(mem, 64)
    slab.inuse, slab.objects, slab.frozen = 7, 32, 1
    assert (slab.inuse, slab.objects, slab.frozen) == (7, 32, 1)
    slab.objects = 0x7FFF + 5  # cut to 15 bits
    assert (slab.inuse, slab.objects, slab.frozen) == (7, 4, 1)
    assert slab.counters == 7 | 4 << 16 | 1 << 31


def test_a_signed_bit_field_is_extended() -> None:
    view: Any = make_view("thing", 4, {"low": (0, "i32:3@0"), "high": (0, "u32:29@3")}, ABI.view)
    thing = view(FlatMemory(4), 0)
    thing.low = -2
    assert (thing.low, thing.high) == (-2, 0)


def test_a_nested_structure_is_a_view_and_an_array_an_address() -> None:
    mem = FlatMemory(4096)
    module = ABI.view("module")(mem, 64)
    module.list.next = 99
    assert mem.u64(64 + ABI.offset("module", "list")) == 99  # type: ignore[attr-defined]
    assert module.name == 64 + ABI.offset("module", "name")
    with pytest.raises(AttributeError):
        module.name = 1
    with pytest.raises(AttributeError):
        module.list = 1


def test_members_with_awkward_names_get_an_underscore() -> None:
    mem = FlatMemory(ABI.sizeof("kmem_cache"))
    cache = ABI.view("kmem_cache")(mem, 0)
    cache.size_ = 96
    assert cache.size_ == 96
    assert ABI.view("kmem_cache").size == ABI.sizeof("kmem_cache")
    assert hasattr(ABI.view("device"), "class_")


def test_a_member_that_does_not_exist_cannot_be_written() -> None:
    head = ABI.view("list_head")(FlatMemory(16), 0)
    with pytest.raises(AttributeError):
        head.nxet = 1
