"""__bug_table: which ud2 is a BUG and which a WARN, where in the source it stands, and whether it has spoken already.

An entry has 12 bytes: two displacements (of the ud2 and of the file name, each from its own place), line, flags. The
flags are in guest memory, as Linux has them.
Linux: lib/bug.c; include/asm-generic/bug.h, 6.1
"""

from collections.abc import Iterable
from struct import iter_unpack

from runtime.errors import GuestFault
from runtime.memory import Memory
from runtime.units import Virt

WARNING, ONCE, DONE, NO_CUT_HERE = 1, 2, 4, 8
ENTRY_SIZE = 12
UD2 = 0x0B0F
UD2_SIZE = 2
_FLAGS = 10  # offset of the flags in an entry

Table = tuple[Virt, int]
"""(address of a __bug_table section, number of entries)"""


class Bug:
    """One entry, which lies at virt.

    flags: WARNING, ONCE, DONE, NO_CUT_HERE; from bit 8 on the number of the taint bit that a WARN sets.
    """

    __slots__ = ("file", "flags", "line", "virt")

    def __init__(self, virt: Virt, file: str, line: int, flags: int) -> None:
        self.virt, self.file, self.line, self.flags = virt, file, line, flags

    @property
    def taint(self) -> int:
        """The number of the taint bit that a WARN sets."""
        return self.flags >> 8

    @property
    def is_warning(self) -> bool:
        """WARN and its kin, after which the guest goes on behind the ud2."""
        return bool(self.flags & WARNING)

    @property
    def has_text(self) -> bool:
        """__warn_printk() has said why, just before."""
        return bool(self.flags & NO_CUT_HERE)

    @property
    def is_silent(self) -> bool:
        """A WARN_ON_ONCE that has spoken."""
        return self.flags & (WARNING | ONCE | DONE) == WARNING | ONCE | DONE


def find(memory: Memory, tables: Iterable[Table], rip: Virt) -> Bug | None:
    """The entry for the ud2 at rip, or None: then it is a plain invalid opcode."""
    try:
        if memory.u16(rip) != UD2:
            return None
    except GuestFault:
        return None
    for start, count in tables:
        entries = iter_unpack("<iiHH", memory.read(start, count * ENTRY_SIZE) if count else b"")
        for index, (where, file, line, flags) in enumerate(entries):
            virt = start + index * ENTRY_SIZE
            if virt + where == rip:
                return Bug(virt, _name(memory, virt + 4 + file), line, flags)
    return None


def _name(memory: Memory, virt: Virt) -> str:
    """The source file's name, as the compiler was given it."""
    return memory.cstr(virt, 4096).decode(errors="replace")


def mark_done(memory: Memory, bug: Bug) -> None:
    """Let a WARN_ON_ONCE speak no more."""
    if bug.flags & ONCE:
        bug.flags |= DONE
        memory.put16(bug.virt + _FLAGS, bug.flags)
