"""A finding as text: what, where, by whom, with the line of source. Made from the dict of --json: both say the same."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cli.style import Style

if TYPE_CHECKING:
    from runtime import Finding, Machine

# How each of a finding's stacks is introduced, in this order.
STACKS = (("at", "at"), ("allocated", "allocated by"), ("freed", "freed by"),
          ("failed", "failed here"))
SHOWN_FRAMES = 8


def as_dict(finding: "Finding", machine: "Machine") -> dict[str, Any]:
    """A finding as in --json: every address of its stacks becomes a frame."""
    known = finding.known
    exact = machine.frames([finding.pc], 0, known) if finding.pc else []
    return {
        "kind": finding.kind, "message": finding.message, "module": finding.module, "address": finding.address,
        "size": finding.size,
        "at": exact + machine.frames(finding.at, known=known),
        "allocated": machine.frames(finding.allocated, known=known),
        "freed": machine.frames(finding.freed, known=known),
        "failed": machine.frames(finding.failed, known=known),
    }  # fmt: skip


class Sources:
    """Source lines by file and number; a file is looked for where DWARF says, then beside the modules."""

    def __init__(self, beside: Sequence[Path] = ()) -> None:
        self.beside = beside
        self.lines: dict[str, list[str]] = {}

    def line(self, file: str, number: int) -> str:
        """Return: the line without its indent, "" where the file is not at hand."""
        if file not in self.lines:
            self.lines[file] = self.read(file)
        lines = self.lines[file]
        return lines[number - 1].strip() if 0 < number <= len(lines) else ""

    def read(self, file: str) -> list[str]:
        for path in (Path(file), *(directory / Path(file).name for directory in self.beside)):
            try:
                return path.read_text(errors="replace").splitlines()
            except OSError:
                continue
        return []


def finding_lines(finding: dict[str, Any], sources: Sources, style: Style) -> Iterator[str]:
    """The lines of one finding: the kind and message, then its stacks."""
    yield f"{style.bad(finding['kind'])}: {finding['message']}"
    for key, introduction in STACKS:
        if finding.get(key):
            yield from stack_lines(introduction, finding[key], sources, style)


def stack_lines(introduction: str, frames: list[dict[str, Any]], sources: Sources, style: Style) -> Iterator[str]:
    """One line per frame, innermost first; below the first whose source is at hand (a .c, not a header) its text."""
    quoted = False
    for i, frame in enumerate(frames[:SHOWN_FRAMES]):
        yield f"  {introduction if i == 0 else '':>12} {frame_text(frame, style)}"
        if not quoted and (frame.get("file") or "").endswith(".c"):
            source = sources.line(frame["file"], frame["line"])
            quoted = bool(source)
            if source:
                yield f"  {'':12} {style.dim('  | ')}{source}"
    if len(frames) > SHOWN_FRAMES:
        yield f"  {'':12} and {len(frames) - SHOWN_FRAMES} more frames"


def frame_text(frame: dict[str, Any], style: Style) -> str:
    """`my_init+0x2a [slab_test] at slab_test.c:20`."""
    text = f"{frame['symbol']}+{frame['offset']:#x}"
    if frame.get("module"):
        text += f" [{frame['module']}]"
    if frame.get("file"):
        text += " " + style.dim("in ") + f"{Path(frame['file']).name}:{frame['line']}"
    return text
