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


def add_machine(parser: Parser) -> None:
    """Add the options that say what the machine is made of; their names are arguments of Machine."""
    add = parser.add_argument
    add("--memory", type=size, default=256 << 20, metavar="256M", help="the guest's memory, 16M to 64G")
    add("--cpus", type=number, default=2, metavar="2", help="the number of CPUs")
    add("--nodes", type=number, default=1, metavar="1", help="the number of memory nodes")
    add("--seed", type=number, default=0, metavar="N", help="all that is random follows from it")
    add("--cmdline", default="", metavar="'...'", help="the kernel's command line, such as 'slub_debug=FZPU'")
    add("--blocks", type=number, metavar="N",
        help="an init or exit that runs more basic blocks hangs: it is killed and reported (default: 100 million)")


def add_headers(parser: Parser) -> None:
    """Add the options that choose which kernel headers a .c is built against."""
    choice = parser.add_mutually_exclusive_group()
    choice.add_argument("--kernel", metavar="DIR", help="build a .c against the kernel headers in DIR, with kbuild")
    choice.add_argument("--bundled", action="store_true", help="build a .c against the bundled headers")
