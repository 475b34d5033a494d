"""Fences: an object lies alone on pages of its own, at their end or their start, next to pages that are not mapped.

The pages have addresses in a range of the direct map above all RAM, with struct pages of their own. An allocator still
takes an object of its own for each, the shadow, so that free memory, free lists and /proc are what they are without
fences. Whole pages are mapped to those of their shadow; smaller objects are copied to frames that the allocators do not
know. A slot is the addresses of one object; behind each slot a page stays unmapped. What is freed is unmapped, and its
addresses are not used again before the whole range has been used once.

What mapped pages hold besides the object is red (RED): who overwrites it is found when the object is freed, or when the
module goes. The number of frames is a limit to what is fenced at once; what comes then is as it is without fences.

All state lies in guest RAM (fence_room.py).

Invariant: no two slots overlap; each is mapped as far as its object goes, while that lives; its neighbours are not; no
frame is mapped twice.
"""

from array import array
from collections.abc import Callable, Sequence

from runtime.arch import x86_64 as arch
from runtime.mm.context import Context
from runtime.mm.fence_notes import LARGE, PAGES, PERCPU, SIZE_SHIFT, SLAB, Note, Notes
from runtime.mm.fence_room import FRAMES, HELD, NOTE_WORDS, OPEN, ROUND, SPAN, STACK, Room, room_above
from runtime.units import PAGE_MASK, PAGE_SHIFT, PAGE_SIZE, Phys, Virt

__all__ = ["FRAMES", "LARGE", "PAGES", "PERCPU", "RED", "SLAB", "SPAN", "Fences", "Note", "Room", "Shape", "room_above"]

RED = 0xBB
_ZONES = [bytes([RED]) * size for size in range(PAGE_SIZE)]

Shape = tuple[int, int, int, int, bytes, bytes, bytes, bytes]
"""(pages of the slot, its alignment in pages, how many are mapped, where the object starts, the red bytes before it,
those behind it; of an object smaller than a page: as many zeros, and its whole page with those)"""

Enclose = Callable[[Shape, int, int, bytes], Virt]
Put = Callable[[int, Shape, int, int, bytes], Virt]
Leave = Callable[[int, Shape], bool]
Hide = Callable[[int], None]


class Fences(Notes):
    """Slots and what is mapped of them. side: "right": objects end at an unmapped page (as far as their alignment
    allows), or "left": they start behind one.
    """

    def __init__(self, ctx: Context, room: Room, side: str) -> None:
        super().__init__(ctx, room)
        self.left = side == "left"
        self.shapes: dict[int, Shape] = {}
        self.put, self.leave, self.hide = self._make_put(), self._make_leave(), self._make_hide()
        self.enclose = self._make_enclose()

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
        u64, written, state = self.ram.u64, self._written, self._state
        at_open, at_stack, put = state + OPEN, state + STACK, self.put

        def enclose(shape: Shape, kind: int, shadow: int, content: bytes) -> Virt:
            """Give a copy of an object a slot. Return: its address; 0 where there is no room."""
            index = u64[state]
            if shape[0] > 1 or shape[1] > 1 or index + 2 > u64[at_open] or not u64[at_stack]:
                return self._enclose_slowly(shape, kind, shadow, content)
            u64[state] = index + 2  # what place() does
            if written is not None:
                written.add(state >> 9)
            return put(index, shape, kind, shadow, content)

        return enclose

    def _enclose_slowly(self, shape: Shape, kind: int, shadow: int, content: bytes) -> Virt:
        if self.free_frames < shape[2]:
            return 0
        index = self.place(shape[0], shape[1])
        return self.put(index, shape, kind, shadow, content) if index > 0 else 0

    def _make_put(self) -> Put:
        u64, mem, flags, base = self.ram.u64, self.ram.mem, self._flags, self.virt
        notes, entries, stack, at_stack = self._notes, self._entries, self._stack, self._state + STACK
        touched = None if self._written is None else self._written.add

        def put(index: int, shape: Shape, kind: int, shadow: int, content: bytes) -> Virt:
            """Put a copy of an object into the slot that begins at index; there are frames. Return: its address."""
            slot, _, _, offset, head, tail, zeros, blank = shape
            free = u64[at_stack]
            if slot > 1 or not free:
                return self._put_slowly(index, shape, kind, shadow, content)
            free = u64[at_stack] = free - 1
            frame = u64[stack + free]
            mem[frame : frame + PAGE_SIZE] = blank if content is zeros else head + content + tail
            note, entry = notes + index * NOTE_WORDS, entries + index
            virt = u64[note + 1] = base + (index << PAGE_SHIFT) + offset
            u64[note] = shadow
            u64[note + 2] = len(content) << SIZE_SHIFT | kind
            u64[entry] = frame | flags
            if touched is not None:
                touched(at_stack >> 9)
                touched(note >> 9)
                touched(entry >> 9)
                touched(frame >> PAGE_SHIFT)
            return virt

        return put

    def _put_slowly(self, index: int, shape: Shape, kind: int, shadow: int, content: bytes) -> Virt:
        slot, _, mapped, offset, head, tail, _, _ = shape
        virt, data = self.virt + (index << PAGE_SHIFT) + offset, head + content + tail
        self.note(index, slot, kind, shadow, virt, len(content))
        frames = [self.take_frame() for _ in range(mapped)]
        for page, frame in enumerate(frames):
            self.ram.write(frame, data[page << PAGE_SHIFT : page + 1 << PAGE_SHIFT])
        self._enter(index, slot, frames)
        return virt

    def _make_leave(self) -> Leave:
        u64, mem, written, tables = self.ram.u64, self.ram.mem, self._written, self.ctx.tables
        entries, stack, first = self._entries, self._stack, self._first_page
        readable, writable, at_stack = tables.readable, tables.writable, self._state + STACK
        phys, dirty, accessed = arch.PTE_PHYS, arch.PTE_DIRTY, arch.PTE_ACCESSED
        note = None if written is None else written.add

        def leave(index: int, shape: Shape) -> bool:
            """Unmap an object of at most a page, if the red bytes are as they were made. Return: whether they are."""
            at = entries + index
            entry = u64[at]
            frame = entry & phys
            content = mem[frame : frame + PAGE_SIZE]
            if not (content.startswith(shape[4]) and content.endswith(shape[5])):
                return False
            free = u64[at_stack]
            u64[at] = 0
            u64[stack + free] = frame
            u64[at_stack] = free + 1
            readable.pop(first + index, None)
            writable.pop(first + index, None)
            if note is not None:
                note(at >> 9)
                note(at_stack >> 9)
                note(stack + free >> 9)
                if entry & dirty:
                    note(frame >> PAGE_SHIFT)
            if entry & accessed:
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
        self.note(index, slot, kind, shadow, virt, size)
        self._enter(index, slot, range(first, first + (mapped << PAGE_SHIFT), PAGE_SIZE))
        return virt

    def _show_page(self, index: int, frame: Phys, kind: int, shadow: Virt, virt: Virt) -> None:
        u64, note, entry = self.ram.u64, self._notes + index * NOTE_WORDS, self._entries + index
        u64[note], u64[note + 1], u64[note + 2] = shadow, virt, PAGE_SIZE << SIZE_SHIFT | kind
        u64[entry] = frame | self._flags
        if self._written is not None:
            self._written.update((note >> 9, entry >> 9))

    def _make_hide(self) -> Hide:
        u64, tables, entries, first = self.ram.u64, self.ctx.tables, self._entries, self._first_page
        readable, writable, phys = tables.readable, tables.writable, arch.PTE_PHYS
        note = None if self._written is None else self._written.add

        def hide(index: int) -> None:
            """Unmap what show() mapped of one page."""
            at = entries + index
            entry = u64[at]
            u64[at] = 0
            readable.pop(first + index, None)
            writable.pop(first + index, None)
            if note is not None:
                note(at >> 9)
                if entry & arch.PTE_DIRTY:
                    note((entry & phys) >> PAGE_SHIFT)
            if entry & arch.PTE_ACCESSED:
                tables.flush()

        return hide

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

    def unmap(self, index: int, pages: int, hold: bool = False) -> None:
        """Unmap a slot, or some of its pages. hold: nobody else gets it."""
        u64, written, tables = self.ram.u64, self._written, self.ctx.tables
        readable, writable = tables.readable, tables.writable
        low, end, accessed = self.room.frames, self._frames_end, 0
        first, to_page = self._entries + index, self._first_page - self._entries
        for at in range(first, first + pages):
            entry = u64[at]
            frame, accessed = entry & arch.PTE_PHYS, accessed | entry
            u64[at] = frame | HELD if hold else 0
            readable.pop(at + to_page, None)
            writable.pop(at + to_page, None)
            if not hold and low <= frame < end:
                self.give_frame(frame)
            if written is not None:
                written.add(at >> 9)
                if entry & arch.PTE_DIRTY:  # the bit that says what the guest wrote is gone
                    written.add(frame >> PAGE_SHIFT)
        if accessed & arch.PTE_ACCESSED:
            tables.flush()

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
        entries = u64[self._entries : self._entries + (self.pages if u64[state + ROUND] else u64[state])].tolist()
        for index, entry in enumerate(entries):
            note = self.at(self.virt + (index << PAGE_SHIFT))
            assert not entry or note is not None, f"page {index} is in a slot, and nobody's"
        frames = [entry & arch.PTE_PHYS for entry in entries if entry & arch.PTE_PHYS]
        frames += u64[self._stack : self._stack + u64[state + STACK]].tolist()
        assert len(frames) == len(set(frames)), "a frame is in two places"
