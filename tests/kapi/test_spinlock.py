"""Spinlocks and rwlocks: the word in the guest, the count that forbids preemption, interrupts, and what goes wrong."""

from types import SimpleNamespace
from typing import Any

import pytest

from kapi import spinlock
from runtime.arch import x86_64 as arch
from runtime.check.resources import Resources
from runtime.errors import Killed
from runtime.undo import Undo
from tests.runtime.tiny import Space

LOCK = arch.VMALLOC_START
FLAGS = 0x246
STACK = (0xFFFFFFFFC0001234, 0xFFFFFFFFC0005678)
SOFTIRQ = 0x200
SPIN, READ, WRITE = "spin", "read", "write"
KINDS = (SPIN, READ, WRITE)
HELD = {SPIN: 1, READ: 0x200, WRITE: 0xFF}
# way: (levels of the count, are interrupts off, suffixes of lock and unlock)
WAYS = {
    "plain": (1, False, "", ""),
    "bh": (SOFTIRQ + 1, False, "_bh", "_bh"),
    "irq": (1, True, "_irq", "_irq"),
    "irqsave": (1, True, "_irqsave", "_irqrestore"),
}


class Cpu:
    def __init__(self) -> None:
        self.preempt_count, self.interrupts = 0, True

    @property
    def eflags(self) -> int:
        return FLAGS if self.interrupts else FLAGS & ~0x200


class Locks:
    """Calls lock functions on one lock."""

    def __init__(self) -> None:
        space = Space()
        space.tables.map_page(LOCK, 0x5000, arch.KERNEL)
        self.mem, self.cpu, self.findings, self.dead = space.mem, Cpu(), list[str](), list[str]()
        self.k: Any = SimpleNamespace(
            mem=space.mem, cpu=self.cpu, trouble=self, check=SimpleNamespace(finding=self.finding),
            resources=Resources(Undo(journal=False)), mm=SimpleNamespace(stack=lambda: STACK),
        )

    def deadlock(self, lock: int, what: str) -> None:
        assert lock == LOCK
        self.dead.append(what)
        raise Killed(9, what)

    def finding(self, kind: str, message: str, address: int) -> None:
        assert kind == "atomic-imbalance" and address == LOCK and f"{LOCK:#x}" in message
        self.findings.append(message)

    def call(self, name: str, *more: int) -> Any:
        return getattr(spinlock, f"_raw_{name}")(self.k, LOCK, *more)

    def lock(self, kind: str, way: str) -> int:
        return int(self.call(f"{kind}_lock{WAYS[way][2]}") or 0)

    def unlock(self, kind: str, way: str, flags: int) -> None:
        self.call(f"{kind}_unlock{WAYS[way][3]}", *([flags] if way == "irqsave" else []))

    @property
    def state(self) -> tuple[int, int, bool]:
        return self.mem.u32(LOCK), self.cpu.preempt_count, self.cpu.interrupts


FREE = (0, 0, True)


@pytest.fixture
def locks() -> Locks:
    return Locks()


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("kind", KINDS)
def test_a_lock_is_held_and_then_everything_is_as_before(locks: Locks, kind: str, way: str) -> None:
    levels, off, *_ = WAYS[way]
    flags = locks.lock(kind, way)
    assert locks.state == (HELD[kind], levels, not off)
    assert locks.k.resources.locks == {LOCK: ("spinlock" if kind == SPIN else "rwlock", STACK)}
    locks.unlock(kind, way, flags)
    assert locks.state == FREE and not locks.findings and not locks.k.resources.locks


@pytest.mark.parametrize("kind", KINDS)
def test_irqsave_keeps_interrupts_off_where_they_were(locks: Locks, kind: str) -> None:
    locks.cpu.interrupts = False
    flags = locks.lock(kind, "irqsave")
    assert not flags & 0x200
    locks.unlock(kind, "irqsave", flags)
    assert locks.state == (0, 0, False)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("holder", KINDS)
@pytest.mark.parametrize("kind", KINDS)
def test_to_want_a_lock_that_is_held_is_a_deadlock(locks: Locks, holder: str, kind: str, way: str) -> None:
    locks.lock(holder, "plain")
    if (holder == SPIN) != (kind == SPIN):
        return  # these are different locks
    if holder == kind == READ:
        locks.lock(kind, way)
        assert locks.mem.u32(LOCK) == 2 * HELD[READ] and not locks.dead
        locks.call("read_unlock")
        assert LOCK in locks.k.resources.locks, "the other reader still holds it"
        return
    with pytest.raises(Killed):
        locks.lock(kind, way)
    assert len(locks.dead) == 1 and ("spin" in locks.dead[0]) == (kind == SPIN)
    assert locks.mem.u32(LOCK) == HELD[holder]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("kind", KINDS)
def test_to_give_back_a_lock_that_is_not_held_is_found(locks: Locks, kind: str, way: str) -> None:
    locks.cpu.preempt_count = WAYS[way][0]
    locks.unlock(kind, way, FLAGS)
    assert len(locks.findings) == 1 and locks.state == FREE


@pytest.mark.parametrize(
    ("name", "kind", "levels"),
    [
        ("spin_trylock", SPIN, 1),
        ("spin_trylock_bh", SPIN, SOFTIRQ + 1),
        ("read_trylock", READ, 1),
        ("write_trylock", WRITE, 1),
    ],
)
def test_to_try_takes_a_free_lock_only(locks: Locks, name: str, kind: str, levels: int) -> None:
    assert locks.call(name) == 1 and locks.state == (HELD[kind], levels, True)
    before = locks.state
    assert locks.call(name) == (1 if kind == READ else 0)
    assert kind == READ or locks.state == before
    assert not locks.dead


def test_a_reader_does_not_get_in_beside_a_writer_and_the_other_way_round(locks: Locks) -> None:
    locks.lock(WRITE, "plain")
    assert locks.call("read_trylock") == 0
    locks.unlock(WRITE, "plain", 0)
    locks.lock(READ, "plain")
    locks.lock(READ, "plain")
    assert locks.call("write_trylock") == 0
    locks.unlock(READ, "plain", 0)
    assert locks.call("write_trylock") == 0
    locks.unlock(READ, "plain", 0)
    assert locks.call("write_trylock") == 1 and locks.state == (0xFF, 1, True)


def test_nested_locks_add_their_levels(locks: Locks) -> None:
    locks.lock(SPIN, "bh")
    locks.mem.put32(LOCK, 0)  # as another lock
    flags = locks.lock(SPIN, "irqsave")
    assert locks.state == (1, SOFTIRQ + 2, False)
    locks.unlock(SPIN, "irqsave", flags)
    assert locks.state == (0, SOFTIRQ + 1, True)
