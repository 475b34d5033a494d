"""One module's file, read for coverage: which lines, jumps and functions lie where in its code."""

from bisect import bisect_right
from collections.abc import Iterable
from functools import cached_property

from runtime.cpu.edges import FELL, JUMPED
from runtime.cpu.translated import Block
from runtime.loader.elf import SHF_EXECINSTR, Elf
from runtime.loader.functions import Functions
from runtime.loader.inlines import Inlines
from runtime.loader.jumps import Code, Jump, Spot
from runtime.loader.layout import Layout
from runtime.loader.lines import Lines, Place

# Where headers of the kernel lie, which belong to no module.
_HEADERS = (
    "linux-headers-", "/include/linux/", "/include/asm", "/include/uapi/", "/include/vdso/", "/include/generated/",
    "/toolchain/include/",
)  # fmt: skip
_GENERATED = ".mod.c"  # what kbuild adds to a module


class Source:
    """A module as it was built. Nothing here depends on where it was loaded."""

    def __init__(self, name: str, data: bytes) -> None:
        self.elf = Elf(data)
        self.lines = Lines(self.elf)
        places = Layout(self.elf, name).places
        executable = (s for s in self.elf.sections if s.flags & SHF_EXECINSTR and s.size and s.index in places)
        self._sections = sorted((*places[section.index], section.index) for section in executable)

    @cached_property
    def functions(self) -> Functions:
        return Functions(self.elf, self.lines)

    @cached_property
    def inlines(self) -> Inlines:
        return Inlines(self.elf, self.lines)

    @cached_property
    def code(self) -> Code:
        return Code(self.elf)

    @cached_property
    def statements(self) -> list[tuple[int, int, Place]]:
        """The instructions at which lines begin: (section, offset, place).

        They are those at which the compiler says that a statement begins. It says so nowhere of most `return -ENOMEM;`:
        a line without such a mark counts where one conditional jump alone leads to each of its instructions.
        """
        marked: list[tuple[int, int, Place]] = []
        others: dict[tuple[str, int], list[tuple[int, int, Place]]] = {}
        for section, offset, place, begins in self.lines.instructions():
            if begins:
                marked.append((section, offset, place))
            elif self.lines.find(section, offset) == place:
                others.setdefault((place[2], place[1]), []).append((section, offset, place))
        for _, _, place in marked:
            others.pop((place[2], place[1]), None)
        for rows in others.values():
            if all(self.code.alone((section, offset)) for section, offset, _ in rows):
                marked += rows
        return marked

    @cached_property
    def jumps(self) -> list[tuple[Jump, Place]]:
        """The conditional jumps that belong to a line, in the order of their addresses."""
        found = ((jump, self.lines.find(*jump.at)) for jump in self.code.jumps)
        return [(jump, place) for jump, place in found if place is not None]

    def is_own(self, path: str) -> bool:
        """Tell whether a file is the module's own: the kernel's headers and what kbuild writes are not."""
        if path.endswith(_GENERATED):
            return False
        near = any(path.startswith(f"{directory}/") for directory in self.functions.directories)
        return near or not any(part in path for part in _HEADERS)

    def spot(self, initial: bool, offset: int) -> Spot | None:
        """Find the section that an offset in the core or init part lies in."""
        at = bisect_right(self._sections, (initial, offset, 1 << 32)) - 1
        if at < 0 or self._sections[at][0] != initial:
            return None
        return self._sections[at][2], offset - self._sections[at][1]


class Ran:
    """What of one module has run. blocks: of that module."""

    def __init__(self, source: Source, blocks: Iterable[Block]) -> None:
        self._ways: set[tuple[int, int, int]] = set()
        pieces: dict[int, list[tuple[int, int]]] = {}
        for _, initial, start, end in blocks:
            spot = source.spot(initial, start)
            if spot is not None and end < 0:
                self._ways.add((*spot, -end))
            elif spot is not None:
                section, first = spot
                pieces.setdefault(section, []).append((first, first + end - start))
        self._pieces = {section: _joined(found) for section, found in pieces.items()}

    def has(self, section: int, offset: int) -> bool:
        """Tell whether the instruction at an offset of a section has run."""
        pieces = self._pieces.get(section, [])
        at = bisect_right(pieces, (offset, 1 << 62)) - 1
        return at >= 0 and offset < pieces[at][1]

    def directions(self, jump: Jump) -> tuple[bool, bool]:
        """Tell whether a jump was taken, and whether it fell through."""
        return (*jump.end, JUMPED) in self._ways, (*jump.end, FELL) in self._ways


def _joined(pieces: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Merge pieces that touch; in order."""
    joined: list[tuple[int, int]] = []
    for start, end in sorted(pieces):
        if joined and start <= joined[-1][1]:
            joined[-1] = joined[-1][0], max(end, joined[-1][1])
        else:
            joined.append((start, end))
    return joined
