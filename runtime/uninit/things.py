"""What a byte of RAM belongs to, as a reader of a finding understands it."""

from typing import Any, NamedTuple

from runtime.arch import x86_64 as arch
from runtime.errors import GuestFault
from runtime.loader.unwind import Frame, walk
from runtime.loader.variables import Variables
from runtime.mm.fence_notes import LARGE, PAGES
from runtime.uninit.fills import ON_STACK, Key, Piece
from runtime.units import PAGE_MASK, PAGE_SHIFT, PAGE_SIZE, Phys, Virt


class Thing(NamedTuple):
    """address, size: of the object, size 0 where there is none. at: of the byte in it.

    outside: the byte lies behind it, and belongs to nobody: whoever reads that reads out of bounds. gone: it is not
    allocated any more.
    """

    what: str
    address: Virt
    size: int
    allocated: Key
    at: int
    outside: bool = False
    gone: bool = False

    def bytes(self, count: int) -> str:
        """`bytes 8 to 11 of an object of 64 bytes (kmalloc-64)`."""
        some = f"{count} byte{'s' * (count > 1)}"
        if not self.size:
            return f"{some} of {self.what}"
        if self.outside:
            return f"{some}, {self.at - self.size} behind {self.what}"
        span = f"byte {self.at}" if count == 1 else f"bytes {self.at} to {self.at + count - 1}"
        return f"{span} of {self.what}"


def thing(k: Any, piece: Piece, at: int) -> Thing:
    """What byte `at` of a piece of memory belongs to, as the books have it now."""
    phys = piece.phys + at
    if piece.key[:1] == (ON_STACK,):
        return _on_stack(k, k.current.stack + phys - k.current.stack_phys)
    what = f"memory of {piece.size} bytes that is freed by now"
    freed = Thing(what, arch.PAGE_OFFSET + piece.phys, piece.size, piece.key, at, gone=True)
    return _object(k, phys) or _pages(k, phys) or _area(k, phys) or _behind(k, piece, phys) or freed


def _on_stack(k: Any, virt: Virt) -> Thing:
    """The variable at a byte of the stack; the guest stands in the function that has it, or one that it has called."""
    for ip, exact, base in _frames(k):
        module = k.modules.owner(ip)
        if virt < base and module is not None:
            where = module.section_of(ip if exact else ip - 1)
            found = Variables(module.elf).find(where[0].index, where[1], virt - base) if where else None
            if found is None:
                symbol = k.symbols.lookup(ip)
                return Thing(f"the stack of {symbol.name}()" if symbol else "the stack", virt, 0, (), 0)
            what = f"{found.name}, a variable of {found.function}() on the stack"
            return Thing(what, base + found.start, found.size, (), virt - base - found.start)
    return Thing("the stack", virt, 0, (), 0)


def _frames(k: Any) -> list[tuple[Virt, bool, Virt]]:
    """(instruction, is it exact or a return address, base of its frame), innermost first."""
    r, u64 = k.cpu.r, k.mem.u64
    rip, rsp = r[arch.RIP], r[arch.RSP]
    try:
        inside = bool(k.modules.owner_name(rip))
        start = Frame(rip, rsp, r[arch.RBP], True) if inside else Frame(u64(rsp), rsp + 8, r[arch.RBP], False)
    except GuestFault:
        return []
    above = walk(k.modules.rule, u64, start)
    ips = [(start.ip, inside), *((ip, False) for ip, _ in above)]
    return [(ip, exact, slot + 8) for (ip, exact), (_, slot) in zip(ips, above, strict=False)]


def _true(k: Any, virt: Virt) -> Virt:
    """Where the allocator has an object that has a fence (mm/fence.py)."""
    fences = getattr(k.slab, "fences", None)
    if fences is None or (note := fences.at(virt)) is None:
        return virt
    whole_pages = note.kind in (LARGE, PAGES)  # their own frames are mapped at the fenced address
    return int(fences.shadow(note.head)) + (virt & PAGE_MASK if whole_pages else 0)


def _object(k: Any, phys: Phys) -> Thing | None:
    virt = arch.PAGE_OFFSET + phys
    for objp, (cache, size, _, stack) in k.mm.books.slab.items():
        start = _true(k, objp)
        if start <= virt < start + max(size, cache.object_size if cache is not None else 0):
            return Thing(_named(cache, size), objp, size, stack, virt - start)
    return None


def _named(cache: Any, size: int) -> str:
    return f"an object of {size} bytes ({cache.name if cache is not None else 'kmalloc'})"


def _pages(k: Any, phys: Phys) -> Thing | None:
    virt = arch.PAGE_OFFSET + phys
    for pfn, (order, _, stack) in k.mm.books.pages.items():
        address, size = k.pages.virt(pfn), PAGE_SIZE << order
        start = _true(k, address)
        if start <= virt < start + size:
            return Thing(f"{size} bytes of pages", address, size, stack, virt - start)
    return None


def _area(k: Any, phys: Phys) -> Thing | None:
    pfn = phys >> PAGE_SHIFT
    for virt, (size, _, stack) in k.mm.books.vmalloc.items():
        area = k.vmalloc.areas.get(virt)
        if area is not None and pfn in area.pfns:
            at = area.pfns.index(pfn) * PAGE_SIZE + phys % PAGE_SIZE
            return Thing(f"{size} bytes from vmalloc", virt, size, stack, at)
    return None


def _behind(k: Any, piece: Piece, phys: Phys) -> Thing | None:
    """Memory of a slab that was never an object: the live object before it was left behind."""
    virt = arch.PAGE_OFFSET + phys
    slab = k.slab.find_slab(virt) if piece.size >= PAGE_SIZE else None
    if slab is None or slab.cache.no_init:
        return None
    live = k.mm.books.slab
    before = max((objp for objp in live if slab.base <= objp < virt), default=0)
    if not before:
        return None
    cache, size, _, stack = live[before]
    return Thing(_named(cache, size), before, size, stack, virt - before, True)
