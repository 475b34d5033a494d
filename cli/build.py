"""kmodrun build: compile a .c into a .ko, with kbuild and kernel headers, or with the bundled headers."""

from pathlib import Path

from cli.main import CLEAN
from cli.modules import build
from cli.options import Parser, add_headers
from runtime.errors import Usage


def command(argv: list[str]) -> int:
    """Build one module. Return: the exit status."""
    args = parser().parse_args(argv)
    source = Path(args.source)
    if source.suffix != ".c":
        raise Usage(f"{source}: not a .c file")
    if not source.is_file():
        raise Usage(f"{source}: no such file")
    output = Path(args.output) if args.output else source.with_suffix(".ko")
    print(build(source, output, args))
    return CLEAN


def parser() -> Parser:
    """What the command takes."""
    made = Parser("build", "FILE.c",
                  "Compile a module, against kernel headers where they are installed, else the bundled ones.")
    made.add_argument("source", metavar="FILE.c")
    made.add_argument("-o", dest="output", metavar="X.ko", help="where to put it (default: beside the source)")
    add_headers(made)
    return made
