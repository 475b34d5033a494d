"""A machine as a plan sees it, without a machine: everything is an attribute."""

from typing import Any

from runtime import abi
from runtime.inject.plan import Plan
from runtime.inject.point import Stack
from runtime.inject.text import parse
from runtime.undo import Undo

CONST = abi.load().const
KERNEL, ATOMIC, NOFAIL, ZERO = (CONST[name] for name in ("GFP_KERNEL", "GFP_ATOMIC", "__GFP_NOFAIL", "__GFP_ZERO"))
STACK: Stack = (0xFFFFFFFFC0000010, 0xFFFFFFFFC0000120)
FUNCTIONS = {"kmem_cache_alloc": (), "kmalloc_trace": (), "misc_register": (-12, -16), "kthread_create": (-12, 0)}


class FakeWitness:
    """called: the kernel function whose trap is running."""

    def __init__(self, rewindable: bool = False) -> None:
        self.undo, self.const = Undo(rewindable), CONST
        self.called, self.atomic, self.interrupt, self.comm = "kmalloc_trace", False, False, "insmod"
        self.places: dict[int, list[dict[str, Any]]] = {}
        self.modules: dict[int, str] = {}
        self.caches: set[tuple[str, str]] = set()
        self.last: tuple[int, Stack] = 0, ()
        self.logged: list[tuple[str, bool]] = []
        self.lookups = 0

    def function(self, stack: Stack) -> str:
        return self.called

    def values(self, function: str) -> tuple[int, ...] | None:
        return FUNCTIONS.get(function)

    def exported(self, function: str) -> bool:
        return function == "register_netdev"

    def in_atomic(self) -> bool:
        return self.atomic

    def in_interrupt(self) -> bool:
        return self.interrupt

    def task(self) -> str:
        return self.comm

    def module(self, virt: int) -> str:
        return self.modules.get(virt, "")

    def frames(self, virt: int) -> list[dict[str, Any]]:
        self.lookups += 1
        return self.places.get(virt, [])

    def symbol(self, virt: int) -> str:
        return f"f+{virt & 0xFFF:#x} m"

    def shared(self, cache: str, name: str) -> bool:
        return (cache, name) in self.caches

    def known(self) -> int:
        return 1

    def failed(self, value: int, stack: Stack) -> None:
        self.last = value, stack

    def log(self, text: str, trace: bool) -> None:
        self.logged.append((text, trace))


def make(*texts: str, rewindable: bool = False) -> tuple[Plan, FakeWitness]:
    """A plan, and the machine that it is on."""
    witness = FakeWitness(rewindable)
    return Plan(map(parse, texts), witness), witness


def run(plan: Plan, count: int) -> list[int]:
    """Ask it so many times for 100 bytes; the numbers, from 1, of those that failed."""
    return [turn for turn in range(1, count + 1) if plan.fails("slab", 100, KERNEL, STACK, "kmalloc-128")]
