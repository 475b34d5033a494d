"""Lines of source: of files that the debug information names, found where they are now."""

from collections.abc import Sequence
from pathlib import Path


class Sources:
    """Source lines by file and number; a file is looked for where DWARF says, then beside the modules."""

    def __init__(self, beside: Sequence[Path] = ()) -> None:
        self.beside = beside
        self.lines: dict[str, list[str]] = {}

    def line(self, file: str, number: int) -> str:
        """Return: the line without its indent, "" where the file is not at hand."""
        lines = self.of(file)
        return lines[number - 1].strip() if 0 < number <= len(lines) else ""

    def of(self, file: str) -> list[str]:
        """All lines of a file; none where it is not at hand."""
        if file not in self.lines:
            self.lines[file] = self.read(file)
        return self.lines[file]

    def read(self, file: str) -> list[str]:
        """The lines of a source file, where the compiler found it or beside the module; none where it is nowhere."""
        for path in (Path(file), *(directory / Path(file).name for directory in self.beside)):
            try:
                return path.read_text(errors="replace").splitlines()
            except OSError:
                continue
        return []
