"""What is still reachable when a module has gone: an object that something alive points to is not lost.

Memory is searched word by word, as nobody knows its types: what looks like a pointer is one. Searched are the
variables of the kernel and of other modules, static and per-CPU, the task, devices, what other modules have allocated,
and then what is found there. The leaving module's own variables are not, and neither is memory that is free.

Linux: mm/kmemleak.c, kmemleak_scan(), 6.1
"""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from runtime.check.objects import Live, LiveObjects, read_words, words_of
from runtime.units import Virt

if TYPE_CHECKING:
    from runtime.kernel import Kernel
    from runtime.loader.loaded import LoadedModule


_BASES = (("page_offset_base", 1), ("vmalloc_base", 1), ("vmemmap_base", 1), ("high_memory", 1))


def reachable(k: "Kernel", module: "LoadedModule") -> set[Virt]:
    """Addresses of the live objects that the module has allocated and somebody else can still reach.

    It takes time for what is searched, not for what the module has allocated.
    """
    found = _Search(k, module.was_at)
    # The kernel's own table of caches names those that a module's cache may have been merged with.
    found.follow(_kernel_words(k), caches=False)
    others = [other for other in k.modules.loaded.values() if other is not module]
    for other in others:
        found.follow(_module_words(k, other))
    if others:
        for live in _of_others(k, others):
            found.follow(found.objects.words(live))
    return found.reached


class _Search:
    """reached: addresses of the owner's objects that were found."""

    def __init__(self, k: "Kernel", owned: Callable[[Virt], bool]) -> None:
        self.objects, self.owned = LiveObjects(k), owned
        self.reached: set[Virt] = set()
        self._seen: set[Virt] = set()

    def follow(self, words: frozenset[int], caches: bool = True) -> None:
        """Search words, and the objects that they point to. caches: do they count where they point to a cache?"""
        waiting = [live for live in self._new(words) if caches or live.kind != "cache"]
        while waiting:
            live = waiting.pop()
            self._seen.add(live.address)
            if live.stack and self.owned(live.stack[0]):
                self.reached.add(live.address)
            waiting += self._new(self.objects.words(live))

    def _new(self, words: frozenset[int]) -> Iterator[Live]:
        for word in words:
            live = self.objects.find(word)
            if live is not None and live.address not in self._seen:
                yield live


def _kernel_words(k: "Kernel") -> frozenset[int]:
    """Variables of the kernel, the task, devices, and what is registered."""
    words, percpu = _variables(k), k.percpu.static
    for cpu in range(k.mm.nr_cpus):
        words |= read_words(k, k.percpu.base(cpu), percpu.ends[-1] if percpu.ends else 0)
    task, size = k.current.struct, k.abi.sizeof("task_struct")
    words |= {word for word in read_words(k, task, size) if not task <= word < task + size}
    for made in k.devices.all:
        words |= read_words(k, made.device, k.abi.sizeof("device"))
    return words.union(resource.address for resource in k.resources.held.values())


def _variables(k: "Kernel") -> frozenset[int]:
    """Those of the kernel's image, some of which may not be mapped; without what is no pointer to an object: the table
    of the caches of kmalloc(), and where parts of the address space begin, the first object there among them.
    """
    phys = k.image.to_phys(k.mm.arch.KERNEL_DATA)
    data = bytearray(k.ram.read(phys, k.image.data_bytes & ~7))
    for name, words in (("kmalloc_caches", len(k.slab.kcaches) * (k.slab.top_index + 1)), *_BASES):
        virt = k.provider.made(name)
        if virt:
            at = virt - k.mm.arch.KERNEL_DATA
            data[at : at + 8 * words] = bytes(8 * words)
    return words_of(bytes(data))


def _module_words(k: "Kernel", module: "LoadedModule") -> frozenset[int]:
    """Its data, and its per-CPU data."""
    words: frozenset[int] = frozenset()
    for virt, size, kind in module.protections(after_init=not module.init_base):
        if kind != "rx":
            words |= read_words(k, virt, size)
    for copy in k.percpu.copies(module.percpu) if module.percpu_size else []:
        words |= read_words(k, copy, module.percpu_size)
    return words


def _of_others(k: "Kernel", others: "list[LoadedModule]") -> Iterator[Live]:
    for each in k.mm.books.live_objects(k.pages.virt):
        stack = each[3]
        if stack and any(other.was_at(stack[0]) for other in others):
            yield Live(*each)
