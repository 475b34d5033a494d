"""What the commands share: a parser whose complaints are one line, sizes and numbers, the choice of headers."""

import argparse
from typing import NoReturn

from runtime.errors import Usage


class Parser(argparse.ArgumentParser):
    """argparse without abbreviations; an error is one line and exit status 2."""

    def __init__(self, command: str, operands: str, description: str) -> None:
        # Usage that is given need not be put together, which argparse does at each start.
        super().__init__(prog=f"kmodrun {command}", usage=f"kmodrun {command} [options] {operands}",
                         description=description, allow_abbrev=False)

    def error(self, message: str) -> NoReturn:
        raise Usage(f"{message} (see {self.prog} --help)")


def size(text: str) -> int:
    """`256M` in bytes, for argparse."""
    from runtime.units import parse_size
    return parse_size(text)


def number(text: str) -> int:
    """A number from 0 up, decimal or 0x..., for argparse."""
    value = int(text, 0)
    if value < 0:
        raise ValueError(text)
    return value


def add_headers(parser: Parser) -> None:
    """Add the options that choose which kernel headers a .c is built against."""
    choice = parser.add_mutually_exclusive_group()
    choice.add_argument("--kernel", metavar="DIR", help="build a .c against the kernel headers in DIR, with kbuild")
    choice.add_argument("--bundled", action="store_true", help="build a .c against the bundled headers")
