"""What the allocators need of the machine, and the books of what they have handed out.

The machine makes one Context, fills in its parts, and replaces the hooks below (plain attributes) by its own. All state
lives in guest RAM or in containers of ctx.undo.
"""

from collections.abc import Callable, Iterator
from random import Random
from typing import Any, Protocol

from runtime.arch import x86_64
from runtime.memory import Memory
from runtime.paging import PageTables
from runtime.ram import Ram
from runtime.undo import Undo
from runtime.units import PAGE_SIZE, Pfn, Virt

Stack = tuple[int, ...]
JIFFIES_A_SECOND = 250


class Plan(Protocol):
    """Decides which allocation fails. kind: slab, page, vmalloc, percpu, cache. size in bytes."""

    def fails(self, kind: str, size: int, gfp: int, stack: Stack) -> bool: ...


class Books:
    """Live objects by kind, each with the stack that allocated it. Nothing that the allocators use among themselves is
    in here.

    slab: objp -> (cache, size asked for, gfp, stack). pages: pfn -> (order, gfp, stack). vmalloc: virt -> (size, gfp,
    stack).
    percpu: pointer -> (size, gfp, stack). caches: handle number -> (cache, name, size, stack): merged caches have one
    entry per create.
    freed: address -> (record of its last life, stack of the free), kept only where ctx.keep_freed.
    """

    def __init__(self, undo: Undo) -> None:
        self.slab: dict[Virt, tuple[Any, int, int, Stack]] = undo.dict()
        self.pages: dict[Pfn, tuple[int, int, Stack]] = undo.dict()
        self.vmalloc: dict[Virt, tuple[int, int, Stack]] = undo.dict()
        self.percpu: dict[Virt, tuple[int, int, Stack]] = undo.dict()
        self.caches: dict[int, tuple[Any, str, int, Stack]] = undo.dict()
        self.freed: dict[Virt, tuple[Any, Stack]] = undo.dict()

    def live_objects(self, page_virt: Callable[[Pfn], Virt]) -> Iterator[tuple[str, Virt, int, Stack]]:
        """(kind, address, size in bytes, stack) of everything still allocated; a cache's address is that of its struct
        kmem_cache.
        """
        for objp, (_, size, _, stack) in list(self.slab.items()):
            yield "slab", objp, size, stack
        for pfn, (order, _, stack) in list(self.pages.items()):
            yield "page", page_virt(pfn), PAGE_SIZE << order, stack
        for virt, (size, _, stack) in list(self.vmalloc.items()):
            yield "vmalloc", virt, size, stack
        for pointer, (size, _, stack) in list(self.percpu.items()):
            yield "percpu", pointer, size, stack
        for cache, _, size, stack in list(self.caches.values()):
            yield "cache", cache.address, size, stack


class Context:
    """The machine, as far as memory is concerned. The hooks say what a test needs; the machine assigns its own."""

    def __init__(self, ram: Ram, undo: Undo, abi: Any, mem: Memory, tables: PageTables, seed: int = 0) -> None:
        self.ram, self.undo, self.abi, self.mem, self.tables = ram, undo, abi, mem, tables
        self.arch = x86_64
        self.cmdline: dict[str, str] = {}
        self.nr_cpus = 2
        self.cpu = 0  # where the current task runs
        self.random = Random(seed)
        self.plan: Plan | None = None
        self.keep_freed = False  # remember who freed what: a stack walk more for each free
        self.books = Books(undo)
        self.once: dict[str, int] = undo.dict()  # WARN_ON_ONCE sites that have spoken; jiffies of rate-limited ones

    @property
    def no_hash_pointers(self) -> bool:
        """Does %p print addresses as they are? slub_debug does that as well. Linux: mm/slub.c, kmem_cache_init(), 6.1"""
        return "slub_debug" in self.cmdline or "no_hash_pointers" in self.cmdline

    # Hooks. Nothing here is called on the fast path but stack and in_atomic.
    def stack(self) -> Stack:
        """Return addresses of the guest frames, innermost first."""
        return ()

    def in_atomic(self) -> bool:
        """Is sleeping forbidden here: preempt count above 0, or interrupts off?"""
        return False

    def in_interrupt(self) -> bool:
        """Hard or soft interrupt context, or bottom halves disabled."""
        return False

    def printk(self, level: int, text: str) -> None:
        """Log a message; text without its last newline."""

    def finding(self, kind: str, message: str, **details: Any) -> None:
        """Report a bug of the module. details: address, size, allocated (stack), freed (stack)."""

    def warn(self, function: str, file: str, line: int, message: str = "") -> None:
        """Log the splat of a WARN in the kernel; message is the line that WARN() prints above it."""

    def dump_stack(self) -> None:
        """Log the CPU line and Call Trace of dump_stack()."""

    def jiffies(self) -> int:
        """Virtual time in ticks of 4 ms."""
        return 0

    def comm(self) -> str:
        """Name of the current task."""
        return "insmod"

    def pid(self) -> int:
        return 1

    def tainted(self) -> str:
        """What print_tainted() says: `Not tainted`, `Tainted: G           OE     `."""
        return "Not tainted"

    def taint(self, flag: str) -> None:
        """Set a taint bit by its letter."""

    def hashed(self, pointer: int) -> str:
        """A pointer as %p prints it."""
        return f"{pointer:016x}"

    def symbol(self, address: int) -> str:
        """An address as %pS prints it."""
        return f"{address:#x}"

    def oom_kill(self, gfp: int, order: int) -> bool:
        """Out of memory: let the OOM killer choose. True:

        the current task was killed, and may use the reserves until it exits.
        """
        self.printk(4, f"{self.comm()} invoked oom-killer: gfp_mask={gfp:#x}, order={order}, oom_score_adj=0")
        return True

    def fatal_signal_pending(self) -> bool:
        """Is the current task about to be killed?"""
        return False

    def slab_pages(self) -> tuple[int, int]:
        """Pages in slabs, (reclaimable, unreclaimable); the slab allocator answers."""
        return 0, 0

    def first_use(self, pfn: Pfn, nr_pages: int) -> None:
        """Pages leave the buddy for the first time (a rewindable machine maps them in 4 KiB pieces)."""

    # Shared by the allocators.
    def warn_once(self, function: str, file: str, line: int, message: str = "") -> None:
        """WARN_ON_ONCE(): the splat at the first time of a boot."""
        if self.once.setdefault(f"{file}:{line}", 0) == 0:
            self.once[f"{file}:{line}"] = 1
            self.warn(function, file, line, message)

    def ratelimited(self, what: str, interval: int, burst: int) -> bool:
        """__ratelimit(): may this message be printed now? interval in seconds."""
        now = self.jiffies()
        begin, printed = self.once.get(what + " begin"), self.once.get(what, 0)
        if begin is None or now - begin > interval * JIFFIES_A_SECOND:
            self.once[what + " begin"], printed = now, 0
        self.once[what] = printed + 1
        return printed < burst

    def sleeping(self, gfp: int, where: str) -> None:
        """An allocation that may sleep, in atomic context. Debian's kernel says nothing (no DEBUG_ATOMIC_SLEEP)."""
        self.finding("sleep-in-atomic", f"{where} may sleep (gfp {gfp:#x}), called in atomic context")
