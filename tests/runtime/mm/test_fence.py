"""Fences alone, against a model: slots do not overlap, objects can be reached, and what lies around them cannot."""

from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from runtime.arch import x86_64 as arch
from runtime.errors import GuestFault
from runtime.mm import fence, fence_room
from runtime.mm.fence import PAGES, RED, SLAB, Fences, room_above
from runtime.units import PAGE_MASK, PAGE_SIZE, GiB, MiB
from tests.runtime.mm.rig import make_context

RAM_END = 64 * MiB
TABLES = 4 * MiB


class Bench:
    """Fences over a context without allocators."""

    def __init__(self, side: str = "right", journal: bool = False, span: int = fence.SPAN) -> None:
        room = room_above(RAM_END, TABLES, 64, span)
        self.ctx = make_context(RAM_END, journal=journal, ram_size=room.end)
        self.fences = Fences(self.ctx, room, side)

    def shows(self, virt: int, size: int) -> bytes:
        return self.ctx.mem.read(virt, size)

    def reaches(self, virt: int) -> bool:
        try:
            self.ctx.mem.u8(virt)
        except GuestFault:
            return False
        return True


def objects(bench: Bench, size: int, alignment: int = 8) -> int:
    return bench.fences.enclose(bench.fences.shape(size, alignment), SLAB, 0, bytes([7]) * size)


class FencesMachine(RuleBasedStateMachine):
    """Objects come and go; the model is a dict of what each holds."""

    @initialize(side=st.sampled_from(["left", "right"]), journal=st.booleans())
    def start(self, side: str, journal: bool) -> None:
        # A range of 8 MiB is used up soon.
        self.bench = Bench(side, journal, 8 * MiB)
        self.live: dict[int, tuple[int, int, bytes]] = {}  # virt -> size, alignment, content
        self.marks: list[tuple[int, Any, bytes, dict[int, tuple[int, int, bytes]]]] = []

    @rule(
        size=st.one_of(st.integers(1, 300), st.integers(1, 70000)), alignment=st.sampled_from([4, 8, 64, 4096, 8192]),
        byte=st.integers(0, 255),
    )  # fmt: skip
    def allocate(self, size: int, alignment: int, byte: int) -> None:
        fences = self.bench.fences
        content = bytes([byte]) * size
        virt = fences.enclose(fences.shape(size, alignment), SLAB, 0x1000, content)
        if not virt:
            assert len(self.live) > 20, "there was room"
            return
        assert virt % alignment == 0 and virt not in self.live
        for other, (other_size, _, _) in self.live.items():
            assert virt + size <= other or other + other_size <= virt
        self.live[virt] = size, alignment, content

    @precondition(lambda self: self.live)
    @rule(data=st.data())
    def free(self, data: st.DataObject) -> None:
        virt = data.draw(st.sampled_from(sorted(self.live)))
        size, alignment, _ = self.live.pop(virt)
        fences = self.bench.fences
        note = fences.at(virt)
        assert note is not None and note.object == virt and note.size == size and not note.freed
        assert fences.intact(virt, size)
        if size <= PAGE_SIZE:
            assert fences.leave(note.head, fences.shape(size, alignment))
        else:
            fences.unmap(note.head, fences.slot_of(size))
        assert not self.bench.reaches(virt) and not self.bench.reaches(virt + size - 1)
        freed = fences.at(virt)
        assert freed is not None and freed.freed

    @precondition(lambda self: self.live)
    @rule(data=st.data(), byte=st.integers(0, 255))
    def write(self, data: st.DataObject, byte: int) -> None:
        virt = data.draw(st.sampled_from(sorted(self.live)))
        size, alignment, _ = self.live[virt]
        content = bytes([byte]) * size
        self.bench.ctx.mem.write(virt, content)
        self.live[virt] = size, alignment, content

    @invariant()
    def what_lives_is_there(self) -> None:
        if not hasattr(self, "bench"):
            return
        self.bench.fences.check()
        for virt, (size, _, content) in list(self.live.items())[-4:]:
            assert self.bench.shows(virt, size) == content

    @invariant()
    def what_lies_beside_is_not(self) -> None:
        for virt, (size, alignment, _) in list(getattr(self, "live", {}).items())[-4:]:
            end = (virt + size + PAGE_MASK) & ~PAGE_MASK
            assert not self.bench.reaches(end) and not self.bench.reaches((virt & ~PAGE_MASK) - 1)
            if not self.bench.fences.left:
                assert end - (virt + size) < alignment
            else:
                assert not virt & PAGE_MASK


TestFences = FencesMachine.TestCase
TestFences.settings = settings(max_examples=25, stateful_step_count=40, deadline=None)


def test_addresses_come_back_only_when_the_range_is_used_up() -> None:
    bench = Bench(span=4 * MiB)
    seen: list[int] = []
    for _ in range(600):
        virt = objects(bench, 100)
        assert virt
        seen.append(virt)
        bench.fences.unmap(bench.fences.at(virt).head, 1)  # type: ignore[union-attr]
    first_again = next(i for i, virt in enumerate(seen) if virt in seen[:i])
    assert first_again >= 4 * MiB // PAGE_SIZE // 2 - 2


def test_frames_are_used_again_at_once() -> None:
    bench = Bench()
    first = objects(bench, 100)
    frame = bench.ctx.tables.lookup(first)[0] & ~PAGE_MASK
    bench.fences.unmap(bench.fences.at(first).head, 1)  # type: ignore[union-attr]
    second = objects(bench, 50)
    assert second != first and bench.ctx.tables.lookup(second)[0] & ~PAGE_MASK == frame
    assert bench.shows(second, 50) == bytes([7]) * 50


def test_when_all_frames_are_taken_there_is_no_fence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fence_room, "FRAMES", 10)
    bench = Bench()
    got = [objects(bench, 4096) for _ in range(12)]
    assert all(got[:10]) and not any(got[10:])
    bench.fences.unmap(bench.fences.at(got[3]).head, 1)  # type: ignore[union-attr]
    assert objects(bench, 1) and not objects(bench, 1)
    bench.fences.check()


@pytest.mark.parametrize("side", ["left", "right"])
def test_red_bytes_tell_where_they_were_overwritten(side: str) -> None:
    bench = Bench(side)
    virt, fences = objects(bench, 100), bench.fences
    assert fences.intact(virt, 100) and not fences.overwritten(virt, 100)
    bench.ctx.mem.put8(virt + 102, 0)
    assert not fences.intact(virt, 100)
    assert fences.overwritten(virt, 100) == [("right", 2, 1)]
    fences.repair(virt, 100)
    assert fences.intact(virt, 100)
    if side == "right":
        bench.ctx.mem.put8(virt - 3, 0)
        bench.ctx.mem.put8(virt - 5, RED)
        bench.ctx.mem.put8(virt - 10, 0)
        assert fences.overwritten(virt, 100) == [("left", 3, 8)]


def test_an_object_of_whole_pages_is_its_shadow() -> None:
    bench = Bench()
    shadow = arch.PAGE_OFFSET + 8 * MiB
    bench.ctx.ram.write(8 * MiB, b"shadow")
    virt = bench.fences.show((2, 2, 2, 0, b"", b"", b"", b""), PAGES, shadow, 2 * PAGE_SIZE)
    assert virt % (2 * PAGE_SIZE) == 0 and bench.shows(virt, 6) == b"shadow"
    bench.ctx.mem.put8(virt + PAGE_SIZE, 9)
    assert bench.ctx.ram.u8[8 * MiB + PAGE_SIZE] == 9
    note = bench.fences.at(virt + PAGE_SIZE)
    assert note is not None and (note.shadow, note.object) == (shadow + PAGE_SIZE, virt)
    assert not bench.reaches(virt - 1) and not bench.reaches(virt + 2 * PAGE_SIZE)


def test_a_slot_that_is_held_comes_back_as_it_was() -> None:
    bench = Bench()
    shape = bench.fences.shape(5000, 8)
    virt = bench.fences.enclose(shape, SLAB, 0x1000, bytes(range(250)) * 20)
    head = bench.fences.at(virt).head  # type: ignore[union-attr]
    bench.fences.unmap(head, 2, hold=True)
    other = objects(bench, 5000)
    assert not bench.reaches(virt) and other != virt
    bench.fences.revive(virt, shape)
    assert bench.shows(virt, 5000) == bytes(range(250)) * 20
    bench.fences.check()


def test_the_nearer_neighbour_owns_what_lies_between() -> None:
    bench = Bench()
    first, second = objects(bench, 64), objects(bench, 64)
    near = bench.fences.near
    assert near(first + 64).object == first and near(first + 200).object == first  # type: ignore[union-attr]
    assert near(second - 1).object == second  # type: ignore[union-attr]
    left = Bench("left")
    first, second = objects(left, 64), objects(left, 64)
    assert left.fences.near(second - 1).object == second  # type: ignore[union-attr]
    assert left.fences.near(first + 64).object == first  # type: ignore[union-attr]


@pytest.mark.parametrize("ram", [16 * MiB, 256 * MiB, 3 * GiB, 65 * GiB])
def test_the_parts_lie_one_behind_the_other(ram: int) -> None:
    room = room_above(ram, TABLES, 64)
    pages = room.pages
    assert room.start % GiB == 0 and room.end <= room.start
    ends = [
        (ram, room.notes - ((room.start >> 12) + pages - (ram >> 12)) * 64), (room.notes + pages * 32, room.state),
        (room.state + 64, room.stack), (room.stack + fence.FRAMES * 8, room.frames),
        (room.frames + fence.FRAMES * PAGE_SIZE, room.tables), (room.tables + TABLES, room.directories),
    ]  # fmt: skip
    assert all(end <= begin for end, begin in ends)
