"""The modules of a command line: a .c is built, a .ko taken as it is; their parameters."""

import sys
from argparse import Namespace
from pathlib import Path

from runtime.errors import Usage
from toolchain.scenario import module_name

ELF = b"\x7fELF"


def as_ko(name: str, args: Namespace) -> Path:
    """The .ko that name stands for; a .c is built (and kept in a cache). Raises: Usage."""
    path = Path(name)
    if not path.exists():
        if "=" in name:
            raise Usage(f"'{name}' is no module: parameters are given as --param {name}")
        raise Usage(f"{name}: no such file")
    if path.is_dir():
        raise Usage(f"{name}: is a directory, not a module")
    if path.suffix == ".o":
        raise Usage(f"{name}: an object file; the module that kbuild links of it ends in .ko")
    if path.suffix == ".c":
        return build(path, None, args)
    with path.open("rb") as file:
        if file.read(len(ELF)) != ELF:
            raise Usage(f"{name}: not an ELF file, so it is no module")
    return path


def build(source: Path, output: Path | None, args: Namespace) -> Path:
    """Build a .c with the headers that the options choose. Raises: Usage, the compiler's own words being printed."""
    from toolchain import build as build_module
    from toolchain.cache import BuildError
    headers = Path(args.kernel) if args.kernel else None
    try:
        return build_module(source, kernel=headers, bundled=args.bundled, output=output)
    except BuildError as problem:
        if problem.output:
            print(problem.output.rstrip(), file=sys.stderr)
        raise Usage(problem.message) from None


def parameters(options: list[str], modules: list[str]) -> dict[str, dict[str, str]]:
    """Sort `m.k=v` and `k=v` by module; a name alone is a switch turned on, as for insmod. Raises: Usage."""
    names = [module_name(module) for module in modules]
    given: dict[str, dict[str, str]] = {name: {} for name in names}
    for option in options:
        key, equals, value = option.partition("=")
        owner, dot, parameter = key.rpartition(".")
        if not dot and len(names) > 1:
            raise Usage(f"--param {option}: of which module? Write MODULE.{option}")
        owner = module_name(owner) if dot else names[0]
        if owner not in given:
            raise Usage(f"--param {option}: no module {owner} on the command line")
        if not parameter:
            raise Usage(f"--param {option}: a name is missing before '='")
        given[owner][parameter] = value if equals else "1"
    return given
