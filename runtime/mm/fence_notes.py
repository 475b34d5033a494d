"""Whose the pages of the fences are (fence.py): what is written down of each, and what the books know of it."""

from array import array
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from runtime.arch import x86_64 as arch
from runtime.mm.fence_room import HELD, NOTE_WORDS, Places
from runtime.units import PAGE_SHIFT, PAGE_SIZE, Virt

SLAB, LARGE, PAGES, PERCPU = 1, 2, 3, 4  # kinds
SIZE_SHIFT = 16
_KIND, _PAGE_IN_SLOT = 7, 0xFFF


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


class Notes(Places):
    """The notes of all pages."""

    def note(self, index: int, slot: int, kind: int, shadow: int, virt: Virt, size: int) -> None:
        """Write down whose the pages of a slot are. The shadow of LARGE and PAGES is that of each page."""
        step, info = PAGE_SIZE if kind in (LARGE, PAGES) else 0, size << SIZE_SHIFT | kind
        words = array("Q")
        for page in range(slot):
            words.extend((shadow + page * step, virt, info | page << 4, 0))
        self.ram.write(self.room.notes + index * 8 * NOTE_WORDS, words.tobytes())

    def slot_of(self, size: int) -> int:
        """Pages of the slot of an object."""
        return 1 << (max(size, 1) - 1 >> PAGE_SHIFT).bit_length()

    @property
    def notes_at(self) -> int:
        """Where the notes begin, as an index of words of RAM; the first of four words is the shadow."""
        return self._notes

    def shadow(self, index: int) -> int:
        """The shadow of a page."""
        return self.ram.u64[self._notes + index * NOTE_WORDS]

    def holds(self, virt: Virt) -> bool:
        """Does an address lie in the range?"""
        return 0 <= virt - self.virt < self.pages << PAGE_SHIFT

    def at(self, virt: Virt) -> Note | None:
        """Whose the page of an address is; None outside of the range, and for a page that never was anybody's."""
        index = virt - self.virt >> PAGE_SHIFT
        if not 0 <= index < self.pages:
            return None
        note = self._notes + index * NOTE_WORDS
        shadow, start, info, _ = self.ram.u64[note : note + NOTE_WORDS]
        if not info:
            return None
        head = index - (info >> 4 & _PAGE_IN_SLOT)
        return Note(index, head, info & _KIND, shadow, start, info >> SIZE_SHIFT, self._freed(index, head))

    def _freed(self, index: int, head: int) -> bool:
        entry = self.ram.u64[self._entries + index]
        if entry == HELD:  # behind what is mapped of a slot
            entry = self.ram.u64[self._entries + head]
        return not entry & arch.PTE_PRESENT

    def used(self, first: int, count: int) -> list[int]:
        """Which of so many pages have ever been somebody's, from 0."""
        at = self._notes + first * NOTE_WORDS + 2
        infos = self.ram.u64[at : at + count * NOTE_WORDS : NOTE_WORDS].tolist()
        return [index for index, info in enumerate(infos) if info]

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
