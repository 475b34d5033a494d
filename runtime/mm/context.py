"""What the allocators need of the machine, and the books of what they have handed out.

The machine makes one Context, fills in its parts, and replaces the hooks below (plain attributes) by its own. All state
lives in guest RAM or in containers of ctx.undo.
"""

from collections.abc import Callable, Iterator
from typing import Any, Protocol

from runtime.arch import x86_64
from runtime.memory import Memory
from runtime.mm.fill import Fill
from runtime.paging import PageTables
from runtime.ram import Ram
from runtime.rng import Rng
from runtime.undo import Undo, del_key, pop_key, put_key
from runtime.units import PAGE_SIZE, Pfn, Virt

Stack = tuple[int, ...]
JIFFIES_A_SECOND = 250
MOST_FREED = 1 << 15


class Plan(Protocol):
    """Decides what fails: it is asked once for each allocation, and for each call of a function that declares how.

    fails(): kind is slab, page, vmalloc, percpu or cache; size in bytes; what: the name of the slab cache, "" for the
    others.
    refuses(): values are what the function may return on failure, the usual one first; the answer is one of them, or
    None: it does its work.
    """

    def fails(self, kind: str, size: int, gfp: int, stack: Stack, what: str = "") -> bool: ...
    def refuses(self, function: str, values: tuple[int, ...], stack: Stack) -> int | None: ...


def _ignore(*_: object, **__: object) -> None:
    """A hook that nobody has set."""


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
        self._noted = undo.noted
        # For who says himself how it is undone (runtime/undo.py): how an entry of a book goes. Books that count, on a
        # machine without a journal, have their own way.
        self.pop: Callable[..., Any] = pop_key

    def retire(self, book: dict[Any, Any], key: Any, address: Virt, record: tuple[Any, ...], stack: Stack) -> None:
        """Take what is freed out of its book, and note the free."""
        freed, noted = self.freed, self._noted
        self.pop(book, key)
        noted((put_key, book, key, record))
        if address in freed or len(freed) >= MOST_FREED:
            self.remember(address, record, stack)
            return
        put_key(freed, address, (record, stack))
        noted((del_key, freed, address))

    def remember(self, address: Virt, record: tuple[Any, ...], stack: Stack) -> None:
        """Note a free. Of very many, those with lower addresses are forgotten: with fences, the older ones."""
        freed = self.freed
        freed[address] = (record, stack)
        if len(freed) > MOST_FREED:
            middle = min(freed) + address >> 1
            old = [each for each in freed if each < middle]
            for each in old if len(old) > MOST_FREED // 4 else sorted(freed)[: MOST_FREED // 2]:
                del freed[each]

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
    """The machine, as far as memory is concerned. The machine assigns the hooks."""

    def __init__(self, ram: Ram, undo: Undo, abi: Any, mem: Memory, tables: PageTables, seed: int = 0) -> None:
        self.ram, self.undo, self.abi, self.mem, self.tables = ram, undo, abi, mem, tables
        self.arch = x86_64
        self.cmdline: dict[str, str] = {}
        self.nr_cpus = 2
        self.cpu = 0  # where the current task runs
        self.random = Rng(seed, undo)
        self.plan: Plan | None = None
        self.fill: Fill | None = None  # set by SlabAllocator.fill_from_now()
        self.keep_freed = False  # remember who freed what: a stack walk more for each free
        self.books = Books(undo)
        self.fences: Any = None  # runtime.mm.fence.Fences, where objects have fences
        self.once: dict[str, int] = undo.dict()  # WARN_ON_ONCE sites that have spoken; jiffies of rate-limited ones

        # Hooks. Nothing here is called on the fast path but stack and in_atomic. What they do without a machine is
        # below. Return addresses of the guest frames, innermost first.
        self.stack: Callable[[], Stack] = tuple
        # Is sleeping forbidden here: preempt count above 0, or interrupts off?
        self.in_atomic: Callable[[], bool] = bool
        # Hard or soft interrupt context, or bottom halves disabled.
        self.in_interrupt: Callable[[], bool] = bool
        # Does the preempt count say so of a non-maskable interrupt? (It may be a count that was lowered too often.)
        self.in_nmi: Callable[[], bool] = bool
        # Log a message: (level, text without its last newline).
        self.printk: Callable[[int, str], object] = _ignore
        # Report a bug of the module: (kind, message, address=, size=, allocated=stack, freed=stack).
        self.finding: Callable[..., object] = _ignore
        # Log the splat of a WARN in the kernel: (function, file, line, the message that WARN() prints above it or "").
        self.warn: Callable[[str, str, int, str], object] = _ignore
        # Log the CPU line and Call Trace of dump_stack(), below a warning if one is given; and the `Modules linked in`
        # of print_modules().
        self.dump_stack: Callable[..., object] = _ignore
        self.print_modules: Callable[[], object] = _ignore
        # Virtual time in ticks of 4 ms.
        self.jiffies: Callable[[], int] = int
        # Name and number of the current task.
        self.comm: Callable[[], str] = lambda: "insmod"
        self.pid: Callable[[], int] = lambda: 1
        # What print_tainted() says; and set a taint bit by its letter, after which locks are not debugged any more.
        self.tainted: Callable[[], str] = lambda: "Not tainted"
        self.taint: Callable[[str], object] = _ignore
        # A pointer as %p prints it, and an address as %pS does.
        self.hashed: Callable[[int], str] = lambda pointer: f"{pointer:016x}"
        self.symbol: Callable[[int], str] = hex
        # Out of memory (gfp, order): let the OOM killer choose. True: the current task was killed, and may use the
        # reserves; without a machine there is nobody to kill.
        self.oom_kill: Callable[[int, int], bool] = lambda gfp, order: False
        # Is the current task about to be killed?
        self.fatal_signal_pending: Callable[[], bool] = bool
        # With fences: what waits for a grace period; one is over; look for what was overwritten of all that lives.
        self.waiting: list[tuple[Virt, int]] = []
        self.settle: Callable[[], object] = _ignore
        self.verify: Callable[[], object] = _ignore
        # Pages in slabs, (reclaimable, unreclaimable): the slab allocator answers.
        self.slab_pages: Callable[[], tuple[int, int]] = lambda: (0, 0)
        # Bytes of the direct map in 4 KiB pages, and in larger ones.
        self.direct_map: Callable[[], tuple[int, int]] = lambda: (0, ram.size)
        # Pages (pfn, number) leave the buddy for the first time: a rewindable machine maps them in 4 KiB pieces.
        self.first_use: Callable[[Pfn, int], object] = _ignore

    @property
    def no_hash_pointers(self) -> bool:
        """Does %p print addresses as they are? slub_debug does that, too. Linux: mm/slub.c, kmem_cache_init(), 6.1"""
        return "slub_debug" in self.cmdline or "no_hash_pointers" in self.cmdline

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
