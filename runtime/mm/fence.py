"""Fences: an object lies alone on pages of its own, at their end or their start, next to pages that are not mapped.

The pages have addresses in a range of the direct map above all RAM, with struct pages of their own. An allocator still
takes an object of its own for each, the shadow, so that free memory, free lists and /proc are what they are without
fences. Whole pages are mapped to those of their shadow; smaller objects are copied to frames that the allocators do not
know. A slot is the addresses of one object; behind each slot a page stays unmapped. What is freed is unmapped, and its
addresses are not used again before the whole range has been used once.

What mapped pages hold besides the object is red (RED): who overwrites it is found when the object is freed, or when the
module goes. The number of frames is a limit to what is fenced at once; what comes then is as it is without fences.

All state lies in guest RAM:

    entries   the page table entries of the range, an array: present; 0; or a frame | HELD: kept, and not mapped
    notes     for each page [shadow, object (virt), size << 16 | page in the slot << 4 | FREED | kind, 0]
    stack     frames that are free
    state     [next page to use, pages that are open, frames ever used, has the range been used up?, free frames]

Invariant: no two slots overlap; each is mapped as far as its object goes, while that lives; its neighbours are not; no
frame is mapped twice.
"""

from array import array
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

from runtime.arch import x86_64 as arch
from runtime.mm.context import Context
from runtime.units import PAGE_MASK, PAGE_SHIFT, PAGE_SIZE, GiB, Pfn, Phys, Virt, align, page_align

SPAN = 16 * GiB
FRAMES = 1 * GiB >> PAGE_SHIFT
SLAB, LARGE, PAGES, PERCPU = 1, 2, 3, 4
FREED = 1 << 3
HELD = 1 << 1
RED = 0xBB

_TABLE = 512  # pages that one table maps
_KIND, _PAGE_IN_SLOT, _SIZE_SHIFT = 7, 0xFFF, 16
_NOTE_WORDS = 4
_NEXT, _OPEN, _USED, _ROUND, _STACK = range(5)
_ZONES = [bytes([RED]) * size for size in range(PAGE_SIZE)]

Shape = tuple[int, int, int, int, bytes, bytes, bytes, bytes]
"""(pages of the slot, its alignment in pages, how many are mapped, where the object starts, the red bytes before it,
those behind it; of an object smaller than a page: as many zeros, and its whole page with those)"""

Enclose = Callable[[Shape, int, int, bytes], Virt]
Leave = Callable[[int, Shape], bool]


class Room(NamedTuple):
    """Where it lies (phys); tables: where the machine's other page tables may; pages: how many have addresses."""

    notes: Phys
    stack: Phys
    state: Phys
    frames: Phys
    tables: Phys
    directories: Phys
    entries: Phys
    start: Phys
    pages: int

    @property
    def end(self) -> Phys:
        """Behind all of it that is memory."""
        return self.entries + self.pages * 8


def room_above(ram_end: Phys, tables: int, page_struct: int, span: int = SPAN) -> Room:
    """Where there is room above RAM, with so many bytes of page tables. page_struct: bytes of a struct page.

    The struct pages of the range follow those of RAM, which end where RAM does.
    """
    pages, start = span >> PAGE_SHIFT, align(ram_end, GiB)
    while True:
        notes = ram_end + page_align((start + span - ram_end >> PAGE_SHIFT) * page_struct)
        stack = notes + pages * 8 * _NOTE_WORDS
        state = stack + FRAMES * 8
        frames = state + PAGE_SIZE
        own_tables = frames + (FRAMES << PAGE_SHIFT)
        directories = own_tables + tables
        entries = directories + -(-span // GiB) * PAGE_SIZE
        room = Room(notes, stack, state, frames, own_tables, directories, entries, start, pages)
        if room.end <= start:
            return room
        start = align(room.end, GiB)


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
        self._first_page = self.virt >> PAGE_SHIFT
        self._entries, self._notes = room.entries >> 3, room.notes >> 3
        self._stack, self._state = room.stack >> 3, room.state >> 3
        self._frames_end = room.frames + (FRAMES << PAGE_SHIFT)
        journal = ctx.undo.journal
        self._flags = arch.KERNEL & ~arch.PTE_DIRTY if journal else arch.KERNEL
        self._written: set[Pfn] | None = ctx.ram.written if journal else None
        self.shapes: dict[int, Shape] = {}
        self._put(_NEXT, 1)  # what lies before the range may be mapped: its first page never is
        ctx.tables.key_of = self._key_of
        self.enclose, self.leave = self._make_enclose(), self._make_leave()

    def _put(self, word: int, value: int) -> None:
        self.ram.put64(self.room.state + 8 * word, value)

    def _key_of(self, table: Phys) -> int | None:
        """Page number >> 9 of what one of our tables maps."""
        index = table - self.room.entries >> PAGE_SHIFT
        return (self.virt >> 21) + index if 0 <= index < self.pages // _TABLE else None

    # Addresses

    def place(self, pages: int, alignment: int = 1) -> int:
        """Occupy a slot of so many pages. Return: the index of the first, a multiple of alignment; -1: no room."""
        u64, state = self.ram.u64, self._state
        first = u64[state] + alignment - 1 & -alignment
        if first + pages + 1 > u64[state + _OPEN]:
            first = self._place_slowly(pages, alignment)
            if first < 0:
                return -1
        u64[state] = first + pages + 1
        if self._written is not None:
            self._written.add(state >> 9)
        return first

    def _place_slowly(self, pages: int, alignment: int) -> int:
        """Open what was not used yet; then look for what is free again, the next one first."""
        u64, state = self.ram.u64, self._state
        while not u64[state + _ROUND]:
            first = u64[state] + alignment - 1 & -alignment
            if first + pages + 1 <= u64[state + _OPEN]:
                return first
            self._open(u64[state + _OPEN])
        return self._find(u64[state], pages, alignment) or self._find(0, pages, alignment) or -1

    def _open(self, used: int) -> None:
        """One table more, and one for tables each GiB."""
        if used >= self.pages:
            for word, value in ((_NEXT, 0), (_OPEN, 0), (_ROUND, 1)):
                self._put(word, value)
            return
        tables, at = self.ctx.tables, self.room.directories + (used // _TABLE) * 8
        if not used << PAGE_SHIFT & GiB - 1:
            tables.put_directory(self.virt + (used << PAGE_SHIFT), at)
        self.ram.put64(at, self.room.entries + used * 8 | arch.TABLE)
        if self._written is not None:  # where a mark looks for what the guest has written
            tables.leaves.append(at >> 3)
        self._put(_OPEN, used + _TABLE)

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

    # Frames

    @property
    def free_frames(self) -> int:
        """How many are left."""
        return FRAMES - self.ram.u64[self._state + _USED] + self.ram.u64[self._state + _STACK]

    def _frame(self) -> Phys:
        """Take a frame, the last one that was freed first; there is one."""
        u64, state = self.ram.u64, self._state
        free = u64[state + _STACK]
        if self._written is not None:
            self._written.add(state >> 9)
        if free:
            u64[state + _STACK] = free - 1
            return u64[self._stack + free - 1]
        used = u64[state + _USED]
        u64[state + _USED] = used + 1
        return self.room.frames + (used << PAGE_SHIFT)

    def frame(self, index: int) -> Phys:
        """What a page is mapped to, or was when it was held."""
        return self.ram.u64[self._entries + index] & arch.PTE_PHYS

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
        head, tail = _ZONES[offset], _ZONES[-(offset + size) & PAGE_MASK]
        zeros = bytes(size) if slot == 1 else b""
        return slot, max(slot, alignment >> PAGE_SHIFT), mapped, offset, head, tail, zeros, head + zeros + tail

    def _make_enclose(self) -> Enclose:
        u64, mem, written, flags, base = self.ram.u64, self.ram.mem, self._written, self._flags, self.virt
        state, notes, entries, stack = self._state, self._notes, self._entries, self._stack
        at_open, at_stack = state + _OPEN, state + _STACK

        def enclose(shape: Shape, kind: int, shadow: int, content: bytes) -> Virt:
            """Give a copy of an object a slot. Return: its address; 0 where there is no room."""
            slot, alignment, _, offset, head, tail, zeros, blank = shape
            index, free = u64[state], u64[at_stack]
            if slot > 1 or alignment > 1 or not free or index + 2 > u64[at_open]:
                return self._enclose_slowly(shape, kind, shadow, content)
            # What put() does, for most objects: they fit into a page, and there is a frame that was used before.
            u64[state] = index + 2
            free = u64[at_stack] = free - 1
            frame = u64[stack + free]
            mem[frame : frame + PAGE_SIZE] = blank if content is zeros else head + content + tail
            note = notes + index * _NOTE_WORDS
            virt = u64[note + 1] = base + (index << PAGE_SHIFT) + offset
            u64[note] = shadow
            u64[note + 2] = len(content) << _SIZE_SHIFT | kind
            u64[entries + index] = frame | flags
            if written is not None:
                written.update((state >> 9, note >> 9, entries + index >> 9, frame >> PAGE_SHIFT))
            return virt

        return enclose

    def _enclose_slowly(self, shape: Shape, kind: int, shadow: int, content: bytes) -> Virt:
        if self.free_frames < shape[2]:
            return 0
        index = self.place(shape[0], shape[1])
        return self.put(index, shape, kind, shadow, content) if index > 0 else 0

    def put(self, index: int, shape: Shape, kind: int, shadow: int, content: bytes) -> Virt:
        """Put a copy of an object into the slot that begins at index; there are frames. Return: its address."""
        slot, _, mapped, offset, head, tail, _, _ = shape
        virt, data = self.virt + (index << PAGE_SHIFT) + offset, head + content + tail
        self._note(index, slot, kind, shadow, virt, len(content))
        frames = [self._frame() for _ in range(mapped)]
        for page, frame in enumerate(frames):
            self.ram.write(frame, data[page << PAGE_SHIFT : page + 1 << PAGE_SHIFT])
        self._enter(index, slot, frames)
        return virt

    def _make_leave(self) -> Leave:
        u64, mem, written, tables = self.ram.u64, self.ram.mem, self._written, self.ctx.tables
        state, notes, entries, stack, first = self._state, self._notes, self._entries, self._stack, self._first_page
        readable, writable, at_stack = tables.readable, tables.writable, state + _STACK

        def leave(index: int, shape: Shape) -> bool:
            """Unmap an object of at most a page, if the red bytes are as they were made. Return: whether they are."""
            entry, note = entries + index, notes + index * _NOTE_WORDS + 2
            frame = u64[entry] & arch.PTE_PHYS
            page = mem[frame : frame + PAGE_SIZE]
            if not (page.startswith(shape[4]) and page.endswith(shape[5])):
                return False
            free = u64[at_stack]
            u64[entry] = 0
            u64[note] |= FREED
            u64[stack + free] = frame
            u64[at_stack] = free + 1
            if first + index in readable:
                del readable[first + index]
            if first + index in writable:
                del writable[first + index]
            if written is not None:
                written.update((entry >> 9, note >> 9, frame >> PAGE_SHIFT, state >> 9, stack + free >> 9))
            tables.flush()
            return True

        return leave

    def show(self, shape: Shape, kind: int, shadow: Virt, size: int) -> Virt:
        """Map an object of whole pages in a slot. Return: its address; 0 where there is no room."""
        slot, alignment, mapped, offset, head, tail, _, _ = shape
        index = self.place(slot, alignment)
        if index < 0:
            return 0
        virt, first = self.virt + (index << PAGE_SHIFT) + offset, shadow - arch.PAGE_OFFSET
        if slot == 1 and mapped << PAGE_SHIFT == size:
            self._show_page(index, first, kind, shadow, virt)
            return virt
        self.ram.write(first, head)
        self.ram.write(first + (mapped << PAGE_SHIFT) - len(tail), tail)
        self._note(index, slot, kind, shadow, virt, size)
        self._enter(index, slot, range(first, first + (mapped << PAGE_SHIFT), PAGE_SIZE))
        return virt

    def _show_page(self, index: int, frame: Phys, kind: int, shadow: Virt, virt: Virt) -> None:
        u64, note, entry = self.ram.u64, self._notes + index * _NOTE_WORDS, self._entries + index
        u64[note], u64[note + 1], u64[note + 2] = shadow, virt, PAGE_SIZE << _SIZE_SHIFT | kind
        u64[entry] = frame | self._flags
        if self._written is not None:
            self._written.update((note >> 9, entry >> 9))

    def _note(self, index: int, slot: int, kind: int, shadow: int, virt: Virt, size: int) -> None:
        """Write down whose the pages of a slot are. The shadow of LARGE and PAGES is that of each page."""
        step, info = PAGE_SIZE if kind in (LARGE, PAGES) else 0, size << _SIZE_SHIFT | kind
        words = array("Q")
        for page in range(slot):
            words.extend((shadow + page * step, virt, info | page << 4, 0))
        self.ram.write(self.room.notes + index * 8 * _NOTE_WORDS, words.tobytes())

    def _enter(self, index: int, slot: int, frames: Sequence[Phys]) -> None:
        """Map the first pages of a slot; the others are held."""
        flags = self._flags
        entries = array("Q", [*(frame | flags for frame in frames), *[HELD] * (slot - len(frames))])
        self.ram.write(self.room.entries + index * 8, entries.tobytes())

    def revive(self, virt: Virt, shape: Shape) -> None:
        """Map a slot that was held, as it was."""
        slot, _, mapped, offset, *_ = shape
        index = virt - offset - self.virt >> PAGE_SHIFT
        self._enter(index, slot, [self.frame(page) for page in range(index, index + mapped)])
        for page in range(index, index + slot):
            at = self.room.notes + page * 8 * _NOTE_WORDS + 16
            self.ram.put64(at, self.ram.u64[at >> 3] & ~FREED)

    def unmap(self, index: int, pages: int, hold: bool = False) -> None:
        """Unmap a slot, or some of its pages. hold: nobody else gets it."""
        u64, tables, written = self.ram.u64, self.ctx.tables, self._written
        virt_page = self.virt + (index << PAGE_SHIFT) >> PAGE_SHIFT
        for each in range(index, index + pages):
            entry, note = self._entries + each, self._notes + each * _NOTE_WORDS + 2
            frame = u64[entry] & arch.PTE_PHYS
            u64[entry] = frame | HELD if hold else 0
            u64[note] |= FREED
            tables.readable.pop(virt_page, None)
            tables.writable.pop(virt_page, None)
            virt_page += 1
            if not hold and self.room.frames <= frame < self._frames_end:
                self._give(frame)
            if written is not None:  # its entry is gone, and with it the bit that says what the guest wrote
                written.update((entry >> 9, note >> 9, frame >> PAGE_SHIFT))
        tables.flush()

    def _give(self, frame: Phys) -> None:
        u64, state = self.ram.u64, self._state
        free = u64[state + _STACK]
        u64[self._stack + free] = frame
        u64[state + _STACK] = free + 1
        if self._written is not None:
            self._written.update((state >> 9, self._stack + free >> 9))

    # Looking things up

    def slot_of(self, size: int) -> int:
        """Pages of the slot of an object."""
        return 1 << (max(size, 1) - 1 >> PAGE_SHIFT).bit_length()

    @property
    def notes_at(self) -> int:
        """Where the notes begin, as an index of words of RAM; the first of four words is the shadow."""
        return self._notes

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

    def used(self, first: int, count: int) -> list[int]:
        """Which of so many pages have ever been somebody's, from 0."""
        at = self._notes + first * _NOTE_WORDS + 2
        infos = self.ram.u64[at : at + count * _NOTE_WORDS : _NOTE_WORDS].tolist()
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

    # Red zones

    def _zones(self, virt: Virt, size: int) -> tuple[Phys, int, Phys, int]:
        """Where the red bytes are: (phys, number) of those before an object, and of those behind it."""
        last = virt + (size or 1) - 1
        before, behind = virt & PAGE_MASK, ~last & PAGE_MASK
        first_frame = self.frame(virt - self.virt >> PAGE_SHIFT)
        last_frame = self.frame(last - self.virt >> PAGE_SHIFT)
        return first_frame, before, last_frame + PAGE_SIZE - behind, behind

    def intact(self, virt: Virt, size: int) -> bool:
        """Are the red bytes around an object as they were made?"""
        first, before, end, behind = self._zones(virt, size)
        mem = self.ram.mem
        return mem[first : first + before] == _ZONES[before] and mem[end : end + behind] == _ZONES[behind]

    def overwritten(self, virt: Virt, size: int) -> list[tuple[str, int, int]]:
        """("left" | "right", distance of the nearest red byte that is not, how many from there to the farthest)."""
        first, before, end, behind = self._zones(virt, size)
        mem, found = self.ram.mem, []
        for side, zone in (("left", mem[first : first + before][::-1]), ("right", mem[end : end + behind])):
            changed = [i for i, byte in enumerate(zone) if byte != RED]
            if changed:
                found.append((side, changed[0] + (side == "left"), changed[-1] + 1 - changed[0]))
        return found

    def repair(self, virt: Virt, size: int) -> None:
        """Make the red bytes red again: what is reported is reported."""
        first, before, end, behind = self._zones(virt, size)
        self.ram.fill(first, before, RED)
        self.ram.fill(end, behind, RED)

    def check(self) -> None:
        """Raises AssertionError where the invariant does not hold."""
        u64, state = self.ram.u64, self._state
        entries = u64[self._entries : self._entries + (self.pages if u64[state + _ROUND] else u64[state])].tolist()
        for index, entry in enumerate(entries):
            note = self.at(self.virt + (index << PAGE_SHIFT))
            assert not entry or note is not None, f"page {index} is in a slot, and nobody's"
            assert not entry & arch.PTE_PRESENT or (note is not None and not note.freed), f"page {index} is mapped"
        frames = [entry & arch.PTE_PHYS for entry in entries if entry & arch.PTE_PHYS]
        frames += u64[self._stack : self._stack + u64[state + _STACK]].tolist()
        assert len(frames) == len(set(frames)), "a frame is in two places"
