"""Where the state of the fences lies in guest RAM (fence.py), and which of their addresses and frames are in use.

    entries   the page table entries of the range, an array: present; 0; or a frame | HELD: kept, and not mapped
    notes     for each page [shadow, object (virt), size << 16 | page in the slot << 4 | kind, 0]; it stays when the
              page is freed
    state     [next page to use, pages that are open, frames ever used, has the range been used up?, free frames]
    stack     frames that are free, right behind the state: both change together

Invariant: no two slots overlap; no frame is in two places.
"""

from array import array
from typing import NamedTuple

from runtime.arch import x86_64 as arch
from runtime.mm.context import Context
from runtime.units import PAGE_SHIFT, PAGE_SIZE, GiB, Pfn, Phys, Virt, align, page_align

SPAN = 16 * GiB
FRAMES = 1 * GiB >> PAGE_SHIFT
HELD = 1 << 1
NOTE_WORDS = 4
NEXT, OPEN, USED, ROUND, STACK = range(5)  # words of the state

_STATE_SIZE = 64
_AT_ONCE = 64  # frames that go to the stack when it is empty
_TABLE = 512  # pages that one table maps


class Room(NamedTuple):
    """Where it lies (phys); tables: where the machine's other page tables may; pages: how many have addresses."""

    notes: Phys
    state: Phys
    stack: Phys
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
        state = notes + pages * 8 * NOTE_WORDS
        stack = state + _STATE_SIZE
        frames = page_align(stack + FRAMES * 8)
        own_tables = frames + (FRAMES << PAGE_SHIFT)
        directories = own_tables + tables
        entries = directories + -(-span // GiB) * PAGE_SIZE
        room = Room(notes, state, stack, frames, own_tables, directories, entries, start, pages)
        if room.end <= start:
            return room
        start = align(room.end, GiB)


class Places:
    """Addresses for slots, and frames to map there."""

    def __init__(self, ctx: Context, room: Room) -> None:
        self.ctx, self.ram, self.room = ctx, ctx.ram, room
        self.pages = room.pages
        self.first_pfn: Pfn = room.start >> PAGE_SHIFT
        self.virt: Virt = ctx.arch.PAGE_OFFSET + room.start
        self._first_page = self.virt >> PAGE_SHIFT
        self._entries, self._notes = room.entries >> 3, room.notes >> 3
        self._stack, self._state = room.stack >> 3, room.state >> 3
        self._frames_end = room.frames + (FRAMES << PAGE_SHIFT)
        journal = ctx.undo.journal
        # The CPU sets A before it remembers an entry: without it, nothing has to be flushed when the entry goes.
        unused = arch.KERNEL & ~arch.PTE_ACCESSED
        self._flags = unused & ~arch.PTE_DIRTY if journal else unused
        self._written: set[Pfn] | None = ctx.ram.written if journal else None
        self._put(NEXT, 1)  # what lies before the range may be mapped: its first page never is
        ctx.tables.key_of = self._key_of
        self._open(0)
        self._add_frames()

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
        if first + pages + 1 > u64[state + OPEN]:
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
        while not u64[state + ROUND]:
            first = u64[state] + alignment - 1 & -alignment
            if first + pages + 1 <= u64[state + OPEN]:
                return first
            self._open(u64[state + OPEN])
        return self._find(u64[state], pages, alignment) or self._find(0, pages, alignment) or -1

    def _open(self, used: int) -> None:
        """One table more, and one for tables each GiB."""
        if used >= self.pages:
            for word, value in ((NEXT, 0), (OPEN, 0), (ROUND, 1)):
                self._put(word, value)
            return
        tables, at = self.ctx.tables, self.room.directories + (used // _TABLE) * 8
        if not used << PAGE_SHIFT & GiB - 1:
            tables.put_directory(self.virt + (used << PAGE_SHIFT), at)
        self.ram.put64(at, self.room.entries + used * 8 | arch.TABLE)
        if self._written is not None:  # where a mark looks for what the guest has written
            tables.leaves.append(at >> 3)
        self._put(OPEN, used + _TABLE)

    def _find(self, start: int, pages: int, alignment: int) -> int:
        """The first of so many free pages in a row, with one more on both sides; 0 for none."""
        zeros = bytes(8 * (pages + 1 + alignment) + 7)
        at = self.ram.mem.find(zeros, self.room.entries + 8 * start, self.room.entries + 8 * self.pages)
        if at < 0:
            return 0
        first = (at + 7 - self.room.entries >> 3) + 1 + alignment - 1 & -alignment
        for guard in (first - 1, first + pages):
            self.ram.put64(self.room.notes + guard * 8 * NOTE_WORDS + 16, 0)
        return first

    # Frames

    @property
    def free_frames(self) -> int:
        """How many are left."""
        return FRAMES - self.ram.u64[self._state + USED] + self.ram.u64[self._state + STACK]

    def take_frame(self) -> Phys:
        """Take a frame, the last one that was freed first; there is one."""
        u64, at_stack = self.ram.u64, self._state + STACK
        if not u64[at_stack]:
            self._add_frames()
        free = u64[at_stack] = u64[at_stack] - 1
        if self._written is not None:
            self._written.add(at_stack >> 9)
        return u64[self._stack + free]

    def _add_frames(self) -> None:
        """Put frames that were never used on the stack, which is empty; the one at the lowest address is used first."""
        u64, state = self.ram.u64, self._state
        used = u64[state + USED]
        count = min(_AT_ONCE, FRAMES - used)
        last = self.room.frames + (used + count - 1 << PAGE_SHIFT)
        self.ram.write(self.room.stack, array("Q", range(last, last - (count << PAGE_SHIFT), -PAGE_SIZE)).tobytes())
        self._put(USED, used + count)
        self._put(STACK, count)

    def frame(self, index: int) -> Phys:
        """What a page is mapped to, or was when it was held."""
        return self.ram.u64[self._entries + index] & arch.PTE_PHYS

    def give_frame(self, frame: Phys) -> None:
        """Take one back."""
        u64, state = self.ram.u64, self._state
        free = u64[state + STACK]
        u64[self._stack + free] = frame
        u64[state + STACK] = free + 1
        if self._written is not None:
            self._written.update((state >> 9, self._stack + free >> 9))
