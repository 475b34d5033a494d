"""What lies at an address that must not be touched: behind an object, in one that is freed, in memory that has gone.

Fences (runtime/mm/fence.py) make such an access a page fault. What vmalloc() gave is unmapped when it is freed, and so
is the init part of a module, and all of it when it goes: these are known without fences.
"""

from typing import TYPE_CHECKING, Any, NamedTuple

from runtime.units import PAGE_SIZE, Virt, page_align

if TYPE_CHECKING:
    from runtime.kernel import Kernel

OUT_OF_BOUNDS, USE_AFTER_FREE = "out-of-bounds", "use-after-free"


class Lies(NamedTuple):
    """A finding about an address. text goes after `read of` or `write to`; address and size are those of the object."""

    kind: str
    text: str
    address: Virt
    size: int
    allocated: tuple[int, ...] = ()
    freed: tuple[int, ...] = ()

    def known(self) -> dict[str, Any]:
        """What Findings.finding() is told of the object."""
        return {"address": self.address, "size": self.size, "allocated": self.allocated, "freed": self.freed}


def describe(k: "Kernel", address: Virt) -> Lies | None:
    """What an access at address hits; None where nothing is known of it."""
    return _fenced(k, address) or _of_vmalloc(k, address) or _of_module(k, address)


def _fenced(k: "Kernel", address: Virt) -> Lies | None:
    fences = k.mm.fences
    note = fences.near(address) if fences is not None else None
    if note is None:
        return None
    before = fences.at(address - PAGE_SIZE)
    if note.freed and before is not None and before.head == note.head and not before.freed:
        # Pages in the middle of a block that was not all wanted (alloc_pages_exact()).
        note = before._replace(size=(address & -PAGE_SIZE) - note.object)
    owner = fences.owner(note, k.percpu.pointers)
    return _lies(address, note.object, note.size, owner.what, note.freed, owner.allocated, owner.freed)


def _lies(
    address: Virt, start: Virt, size: int, what: str, is_freed: bool, allocated: tuple[int, ...], freed: tuple[int, ...]
) -> Lies | None:
    """An access at address, for an object of size bytes at start."""
    kind, object_ = (USE_AFTER_FREE, "a freed object") if is_freed else (OUT_OF_BOUNDS, "an object")
    if start <= address < start + size:
        if not is_freed:
            return None  # it is there: the access was of another kind than it allows
        text = f"byte {address - start} of {object_} of {what}"
    else:
        side, distance = ("left", start - address) if address < start else ("right", address - start - size)
        near = f"{distance} byte{'s' * (distance != 1)} {side} of" if distance else "just behind"
        text = f"memory {near} {object_} of {what}"
    return Lies(kind, text, start, size, allocated, freed)


def _of_vmalloc(k: "Kernel", address: Virt) -> Lies | None:
    vm = k.vmalloc
    if not vm.space.start - PAGE_SIZE <= address < vm.space.end:
        return None
    starts = {area.start for area in (vm.area(address), vm.area(page_align(address + 1))) if area is not None}
    live = [(start, vm.books[start]) for start in starts if start in vm.books]
    if live:
        start, record = min(live, key=lambda each: min(abs(each[0] - address), abs(each[0] + each[1][0] - address)))
        return _lies(address, start, record[0], f"{record[0]} bytes of {vm.areas[start].what}()", False, record[2], ())
    return None if vm.area(address) is not None else _freed_area(k, address)


def _freed_area(k: "Kernel", address: Virt) -> Lies | None:
    vm, freed = k.vmalloc, k.mm.books.freed
    for start, (record, stack) in freed.items():
        if vm.is_vmalloc_addr(start) and start <= address < start + page_align(record[0]) + PAGE_SIZE:
            return _lies(address, start, record[0], f"{record[0]} bytes of vmalloc()", True, record[2], stack)
    for start, end, _ in vm.space.lazy:
        if start <= address < end:
            size = end - start - PAGE_SIZE
            return _lies(address, start, size, f"{size} bytes of vmalloc()", True, (), ())
    return None


def _of_module(k: "Kernel", address: Virt) -> Lies | None:
    """Memory of a module that is freed: its init part when init has returned, all when it goes."""
    module = next((known for known in reversed(k.places.known) if known.was_at(address)), None)
    if module is None or (alive := k.modules.loaded.get(module.name) is module) and module.contains(address):
        return None
    found: Any = module.names.lookup(address)
    name = f"{found[0]}+{found[1]:#x}" if found else "memory"
    fate = f"which was __init of {module.name} and is freed" if alive else f"of {module.name}, which has gone"
    return Lies(USE_AFTER_FREE, f"{name}, {fate}" if alive else f"{name} {fate}", address, 0)
