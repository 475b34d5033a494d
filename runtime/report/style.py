"""How words are written: colour on a terminal only, numbers with their nouns, bytes with their units."""

import os
from typing import TextIO


class Style:
    """Marks words for one stream; on anything but a terminal, or with NO_COLOR set, the marks are nothing."""

    def __init__(self, stream: TextIO) -> None:
        self.on = stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"

    def mark(self, code: str, text: str) -> str:
        return f"\033[{code}m{text}\033[0m" if self.on else text

    def bad(self, text: str) -> str:
        return self.mark("1;31", text)

    def good(self, text: str) -> str:
        return self.mark("32", text)

    def odd(self, text: str) -> str:
        return self.mark("33", text)

    def title(self, text: str) -> str:
        return self.mark("1", text)

    def dim(self, text: str) -> str:
        return self.mark("2", text)


class Plain(Style):
    """Never any colour: for text that goes into another format."""

    def __init__(self) -> None:
        self.on = False


def plural(count: int, one: str, many: str = "") -> str:
    """`1 object`, `2 objects`, `1,024 entries`."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def in_bytes(count: int) -> str:
    """A number of bytes as a person says it: `96 B`, `1.5 KiB`, `4 MiB`."""
    amount = float(count)
    for unit in ("B", "KiB", "MiB"):
        if amount < 1024:
            return f"{amount:.4g} {unit}"
        amount /= 1024
    return f"{amount:.4g} GiB"


def percent(part: int, whole: int) -> str:
    """`87 %`, rounded down: 100 % is all."""
    return f"{100 * part // whole if whole else 100} %"
