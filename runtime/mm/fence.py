"""Fences: an object lies alone on pages of its own, at their end or their start, next to pages that are not mapped.

The pages lie in a range of the direct map above all RAM, with struct pages of their own. An allocator still takes an
object of its own for each, the shadow, so that free memory, free lists and /proc are what they are without fences. A
slot is one object's pages; behind each slot a page stays unmapped. Freed pages are unmapped, and not used again before
the whole range has been used once.

What mapped pages hold besides the object is red (RED): who overwrites it is found when the object is freed, or when the
module goes. There is a limit to what is fenced at once; what comes then is handed out as it is without fences.

All state lies in guest RAM:

    entries   the page table entries of the range, an array: present, 0, or HELD (the slot is kept, and not mapped)
    notes     for each page [shadow, object (virt), size << 16 | page in the slot << 4 | FREED | kind, 0]
    state     [next page to use, pages that are open, pages in slots, has the range been used up?]

Invariant: no two slots overlap; each is mapped as far as its object goes, while that lives; its neighbours are not.
"""

import mmap
from array import array
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from runtime.arch import x86_64 as arch
from runtime.mm.context import Context
from runtime.units import PAGE_MASK, PAGE_SHIFT, PAGE_SIZE, GiB, MiB, Pfn, Phys, Virt, align, page_align

SPAN = 16 * GiB
MOST = 1 * GiB >> PAGE_SHIFT  # pages in slots at once
SLAB, LARGE, PAGES, PERCPU = 1, 2, 3, 4
FREED = 1 << 3
HELD = 1 << 1
RED = 0xBB

_CHUNK = 64 * MiB >> PAGE_SHIFT  # pages after which the host gets back what is free
_KIND, _PAGE_IN_SLOT, _SIZE_SHIFT = 7, 0xFFF, 16
_NOTE_WORDS = 4
_ZONES = [bytes([RED]) * size for size in range(PAGE_SIZE)]

Shape = tuple[int, int, int, int, bytes, bytes]
"""(pages of the slot, its alignment in pages, how many are mapped, where the object starts, the red bytes before it,
those behind it)"""


class Room(NamedTuple):
    """Where it lies (phys), how many pages there are, and where page tables begin that have nothing to do with it."""

    notes: Phys
    state: Phys
    start: Phys
    pages: int
    tables: Phys
    directories: Phys
    entries: Phys

    @property
    def end(self) -> Phys:
        """Behind all of it."""
        return self.entries + self.pages * 8


def room_above(ram_end: Phys, tables: int, page_struct: int, span: int = SPAN) -> Room:
    """Where there is room above RAM, with so many bytes of page tables. page_struct: bytes of a struct page.

    The struct pages of the range follow those of RAM, which end where RAM does.
    """
    pages, start = span >> PAGE_SHIFT, align(ram_end, GiB)
    while True:
        notes = ram_end + page_align((start + span - ram_end >> PAGE_SHIFT) * page_struct)
        state = notes + pages * 8 * _NOTE_WORDS
        if state + PAGE_SIZE <= start:
            break
        start = align(state + PAGE_SIZE, GiB)
    directories = start + span + tables
    return Room(notes, state, start, pages, start + span, directories, directories + span // GiB * PAGE_SIZE)


class Note(NamedTuple):
    """What is known of a page, by its index. head: the first one of its slot; object, size: virt and bytes."""

    page: int
    head: int
    kind: int
    shadow: int
    object: Virt
    size: int
    freed: bool


class Owner(NamedTuple):
    """Whose a page is, or was: `an object of 100 bytes of kmalloc-128`, and the stacks that are known."""

    what: str
    allocated: tuple[int, ...]
    freed: tuple[int, ...]


class Fences:
    """Slots and what is mapped of them. side: "right": objects end at an unmapped page (as far as their alignment
    allows), or "left": they start behind one.
    """

    def __init__(self, ctx: Context, room: Room, side: str) -> None:
        self.ctx, self.ram, self.room, self.left = ctx, ctx.ram, room, side == "left"
        self.pages = room.pages
        self.first_pfn: Pfn = room.start >> PAGE_SHIFT
        self.virt: Virt = ctx.arch.PAGE_OFFSET + room.start
        self._entries, self._notes, self._state = room.entries >> 3, room.notes >> 3, room.state >> 3
        journal = ctx.undo.journal
        self._flags = arch.KERNEL & ~arch.PTE_DIRTY if journal else arch.KERNEL
        self._written: set[Pfn] | None = ctx.ram.written if journal else None
        self.shapes: dict[int, Shape] = {}
        self._put(0, 1)  # what lies before the range may be mapped: its first page never is

    # Places

    def _put(self, word: int, value: int) -> None:
        self.ram.put64(self.room.state + 8 * word, value)

    def place(self, pages: int, alignment: int = 1) -> int:
        """Occupy a slot of so many pages. Return: the index of the first, a multiple of alignment; -1: no room."""
        u64, state = self.ram.u64, self._state
        first = u64[state] + alignment - 1 & -alignment
        end = first + pages + 1
        if end > u64[state + 1] or u64[state + 2] + pages > MOST:
            first = self._place_slowly(pages, alignment)
            if first < 0:
                return -1
            end = first + pages + 1
        u64[state] = end
        u64[state + 2] += pages
        if self._written is not None:
            self._written.add(state >> 9)
        return first

    def _place_slowly(self, pages: int, alignment: int) -> int:
        """Open what was not used yet; then look for what is free again."""
        u64, state = self.ram.u64, self._state
        if u64[state + 2] + pages > MOST:
            return -1
        while not u64[state + 3]:
            first = u64[state] + alignment - 1 & -alignment
            if first + pages + 1 <= u64[state + 1]:
                return first
            self._open(u64[state + 1])
        return self._find_again(u64[state], pages, alignment)

    def _find_again(self, start: int, pages: int, alignment: int) -> int:
        """The range has been used up: whatever is free, the next one first."""
        first = self._find(start, pages, alignment) or self._find(0, pages, alignment)
        if not first:
            return -1
        if first // _CHUNK != start // _CHUNK:
            self._drop(start // _CHUNK * _CHUNK)
        return first

    def _open(self, used: int) -> None:
        """One more chunk, and every GiB a table for it; the host gets back what is free of the chunk before."""
        if used >= self.pages:
            self._put(0, 0)
            self._put(1, 0)
            self._put(3, 1)
            return
        if not used << PAGE_SHIFT & GiB - 1:
            directory = self.room.directories + (used << PAGE_SHIFT) // GiB * PAGE_SIZE
            leaf = self.room.entries + used * 8 | arch.TABLE
            self.ram.write(directory, array("Q", range(leaf, leaf + 512 * PAGE_SIZE, PAGE_SIZE)).tobytes())
            self.ctx.tables.put_directory(self.virt + (used << PAGE_SHIFT), directory)
        # Where a mark looks for pages that the guest has written.
        at = self.room.directories + (used >> 9 << 3) >> 3
        self.ctx.tables.leaves.extend(range(at, at + (_CHUNK >> 9)))
        if used >= 2 * _CHUNK:
            self._drop(used - 2 * _CHUNK)
        if self._written is not None:  # here a snapshot looks for what the guest wrote
            first = (self.room.directories >> 3) + (used >> 9)
            self.ctx.tables.leaves.extend(range(first, first + (_CHUNK >> 9)))
        self._put(1, used + _CHUNK)

    def _drop(self, first: int) -> None:
        """Let the host have the memory of pages that are in no slot any more."""
        entries = self.ram.u64[self._entries + first : self._entries + min(first + _CHUNK, self.pages)]
        kept = [first + i for i, entry in enumerate(entries) if entry]
        begin = first
        for index in [*kept, first + len(entries)]:
            if index > begin:
                self.ram.mem.madvise(
                    mmap.MADV_DONTNEED, self.room.start + (begin << PAGE_SHIFT), index - begin << PAGE_SHIFT
                )
                if self._written is not None:
                    self._written.update(range(self.first_pfn + begin, self.first_pfn + index))
            begin = index + 1

    def _find(self, start: int, pages: int, alignment: int) -> int:
        """The first of so many free pages in a row, with one more on both sides; 0 for none."""
        zeros = bytes(8 * (pages + 1 + alignment) + 7)
        at = self.ram.mem.find(zeros, self.room.entries + 8 * start, self.room.entries + 8 * self.pages)
        if at < 0:
            return 0
        first = (at + 7 - self.room.entries >> 3) + 1 + alignment - 1 & -alignment
        for guard in (first - 1, first + pages):
            self.ram.put64(self.room.notes + guard * 8 * _NOTE_WORDS + 16, 0)
        return first

    # Objects

    def shape(self, size: int, alignment: int) -> Shape:
        """How an object of size bytes lies in its slot, whose number of pages is a power of two."""
        key = size << 32 | alignment
        shape = self.shapes.get(key)
        if shape is None:
            shape = self.shapes[key] = self._make_shape(max(size, 1), max(alignment, 1))
        return shape

    def _make_shape(self, size: int, alignment: int) -> Shape:
        mapped = size + PAGE_MASK >> PAGE_SHIFT
        slot = 1 << (mapped - 1).bit_length()
        offset = 0 if self.left else (mapped << PAGE_SHIFT) - size & -alignment
        behind = -(offset + size) & PAGE_MASK
        return slot, max(slot, alignment >> PAGE_SHIFT), mapped, offset, _ZONES[offset], _ZONES[behind]

    def enclose(self, shape: Shape, kind: int, shadow: int, content: bytes) -> Virt:
        """Give an object a slot, and that content. Return: its address; 0 where there is no room."""
        slot, alignment, mapped, offset, head, tail = shape
        index = self.place(slot, alignment)
        if index < 0:
            return 0
        virt = self.virt + (index << PAGE_SHIFT) + offset
        if slot > 1:
            self.ram.write(self.room.start + (index << PAGE_SHIFT), head + content + tail)
            self.note(index, slot, kind, shadow, virt, len(content))
            self.map(index, slot, mapped)
            return virt
        phys = self.room.start + (index << PAGE_SHIFT)
        self.ram.write(phys, head + content + tail)
        u64, note, entry = self.ram.u64, self._notes + index * _NOTE_WORDS, self._entries + index
        u64[note] = shadow
        u64[note + 1] = virt
        u64[note + 2] = len(content) << _SIZE_SHIFT | kind
        u64[entry] = phys | self._flags
        if self._written is not None:
            self._written.add(note >> 9)
            self._written.add(entry >> 9)
        return virt

    def note(self, index: int, slot: int, kind: int, shadow: int, virt: Virt, size: int) -> None:
        """Write down whose the pages of a slot are. The shadow of LARGE and PAGES is that of each page."""
        step = PAGE_SIZE if kind in (LARGE, PAGES) else 0
        info = size << _SIZE_SHIFT | kind
        words = array("Q")
        for page in range(slot):
            words.extend((shadow + page * step, virt, info | page << 4, 0))
        self.ram.write(self.room.notes + index * 8 * _NOTE_WORDS, words.tobytes())

    def map(self, index: int, slot: int, mapped: int) -> None:
        """Map the first pages of a slot; the others are held."""
        first = self.room.start + (index << PAGE_SHIFT) | self._flags
        entries = array("Q", range(first, first + (mapped << PAGE_SHIFT), PAGE_SIZE))
        entries.extend([HELD] * (slot - mapped))
        self.ram.write(self.room.entries + index * 8, entries.tobytes())

    def revive(self, virt: Virt, shape: Shape) -> None:
        """Map a slot that was held, as it was."""
        slot, _, mapped, offset, _, _ = shape
        index = virt - offset - self.virt >> PAGE_SHIFT
        self.map(index, slot, mapped)
        for page in range(index, index + slot):
            at = self.room.notes + page * 8 * _NOTE_WORDS + 16
            self.ram.put64(at, self.ram.u64[at >> 3] & ~FREED)

    def unmap(self, index: int, pages: int, hold: bool = False) -> None:
        """Unmap a slot, or some of its pages. hold: nobody else gets it."""
        u64, readable, writable = self.ram.u64, self.ctx.tables.readable, self.ctx.tables.writable
        page = self.virt + (index << PAGE_SHIFT) >> PAGE_SHIFT
        for each in range(index, index + pages):
            entry, note = self._entries + each, self._notes + each * _NOTE_WORDS + 2
            u64[entry] = HELD if hold else 0
            u64[note] |= FREED
            readable.pop(page, None)
            writable.pop(page, None)
            page += 1
            if self._written is not None:  # its entry is gone, and with it the bit that says what the guest wrote
                self._written.update((entry >> 9, note >> 9, self.first_pfn + each))
        if not hold:
            u64[self._state + 2] -= pages
            if self._written is not None:
                self._written.add(self._state >> 9)
        self.ctx.tables.flush()

    def give_between(self, pages: int) -> None:
        """So many pages in the middle of a slot do not belong to it."""
        self.ram.put64(self.room.state + 16, self.ram.u64[self._state + 2] - pages)

    # Looking things up

    def slot_of(self, size: int) -> int:
        """Pages of the slot of an object."""
        return 1 << (max(size, 1) - 1 >> PAGE_SHIFT).bit_length()

    def shadow(self, index: int) -> int:
        """The shadow of a page."""
        return self.ram.u64[self._notes + index * _NOTE_WORDS]

    def holds(self, virt: Virt) -> bool:
        """Does an address lie in the range?"""
        return 0 <= virt - self.virt < self.pages << PAGE_SHIFT

    def at(self, virt: Virt) -> Note | None:
        """Whose the page of an address is; None outside of the range, and for a page that never was anybody's."""
        index = virt - self.virt >> PAGE_SHIFT
        if not 0 <= index < self.pages:
            return None
        note = self._notes + index * _NOTE_WORDS
        shadow, start, info, _ = self.ram.u64[note : note + _NOTE_WORDS]
        if not info:
            return None
        head = index - (info >> 4 & _PAGE_IN_SLOT)
        return Note(index, head, info & _KIND, shadow, start, info >> _SIZE_SHIFT, info & FREED != 0)

    def near(self, virt: Virt) -> Note | None:
        """Whose the page is, or the nearer one of its neighbours."""
        own = self.at(virt)
        if own is not None:
            return own

        def distance(note: Note) -> int:
            return min(abs(virt - note.object - note.size), abs(note.object - virt))

        notes = [note for note in (self.at(virt - PAGE_SIZE), self.at(virt + PAGE_SIZE)) if note is not None]
        return min(notes, key=distance, default=None)

    def owner(self, note: Note, pointers: Callable[[Virt], Iterable[int]]) -> Owner:
        """What the books know of it. pointers: the per-CPU pointers that may stand for an address."""
        books = self.ctx.books
        live: Any = books.pages if note.kind == PAGES else books.percpu if note.kind == PERCPU else books.slab
        keys: list[int] = [note.object]
        if note.kind == PERCPU:
            keys = list(pointers(note.object))
        freed = next((books.freed[key] for key in keys if key in books.freed), None)
        if note.kind == PAGES:
            keys = [note.object - arch.PAGE_OFFSET >> PAGE_SHIFT]
        record = next((live[key] for key in keys if key in live), None) if not note.freed else freed and freed[0]
        name = {LARGE: "kmalloc()", PAGES: "alloc_pages()", PERCPU: "alloc_percpu()"}.get(note.kind, "a slab")
        if note.kind == SLAB and record is not None:
            name = record[0].name
        what = f"{note.size} bytes of {name}"
        return Owner(what, record[-1] if record else (), freed[1] if note.freed and freed else ())

    # Red zones

    def intact(self, virt: Virt, size: int) -> bool:
        """Are the red bytes around an object as they were made?"""
        mem, phys = self.ram.mem, virt - arch.PAGE_OFFSET
        end, before = phys + (size or 1), phys & PAGE_MASK
        behind = -end & PAGE_MASK
        return mem[phys - before : phys] == _ZONES[before] and mem[end : end + behind] == _ZONES[behind]

    def overwritten(self, virt: Virt, size: int) -> list[tuple[str, int, int]]:
        """("left" | "right", distance of the nearest red byte that is not, how many from there to the farthest)."""
        size = max(size, 1)
        phys, end = virt - arch.PAGE_OFFSET, virt - arch.PAGE_OFFSET + size
        found = []
        before = self.ram.mem[phys & ~PAGE_MASK : phys]
        if before != _ZONES[len(before)]:
            changed = [i for i, byte in enumerate(reversed(before)) if byte != RED]
            found.append(("left", changed[0] + 1, changed[-1] + 1 - changed[0]))
        behind = self.ram.mem[end : end + (-end & PAGE_MASK)]
        if behind != _ZONES[len(behind)]:
            changed = [i for i, byte in enumerate(behind) if byte != RED]
            found.append(("right", changed[0], changed[-1] + 1 - changed[0]))
        return found

    def repair(self, virt: Virt, size: int) -> None:
        """Make the red bytes red again: what is reported is reported."""
        phys, end = virt - arch.PAGE_OFFSET, virt - arch.PAGE_OFFSET + max(size, 1)
        self.ram.fill(phys & ~PAGE_MASK, phys & PAGE_MASK, RED)
        self.ram.fill(end, -end & PAGE_MASK, RED)

    def check(self) -> None:
        """Raises AssertionError where the invariant does not hold."""
        for index in range(self.ram.u64[self._state] if not self.ram.u64[self._state + 3] else self.pages):
            entry, note = self.ram.u64[self._entries + index], self.at(self.virt + (index << PAGE_SHIFT))
            assert not entry or note is not None, f"page {index} is mapped, and nobody's"
            assert not entry & arch.PTE_PRESENT or entry & arch.PTE_PHYS == self.room.start + (index << PAGE_SHIFT)
