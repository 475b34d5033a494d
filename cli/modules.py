"""The modules of a command line: a .c is built, a .ko taken as it is; their parameters."""

from argparse import Namespace
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from runtime.errors import Usage


@contextmanager
def built(names: list[str], args: Namespace) -> Iterator[list[Path]]:
    """The .ko of each name; what had to be built is removed at the end. Raises: Usage."""
    if not any(name.endswith(".c") for name in names):
        yield [as_ko(name, Path(), args) for name in names]
        return
    from tempfile import TemporaryDirectory
    with TemporaryDirectory(prefix="kmodrun-") as directory:
        yield [as_ko(name, Path(directory), args) for name in names]


def as_ko(name: str, build_dir: Path, args: Namespace) -> Path:
    """The .ko that name stands for, built into build_dir where name is a .c. Raises: Usage."""
    path = Path(name)
    if not path.exists():
        if "=" in name:
            raise Usage(f"'{name}' is no module: parameters are given as --param {name}")
        raise Usage(f"{name}: no such file")
    if path.is_dir():
        raise Usage(f"{name}: is a directory, not a module")
    if path.suffix == ".c":
        from toolchain import build
        return build(path, build_dir / f"{path.stem}.ko", kernel=args.kernel, bundled=args.bundled)
    if path.suffix == ".o":
        raise Usage(f"{name}: an object file; the module that kbuild links of it ends in .ko")
    return path


def module_name(stem: str) -> str:
    """The name that a module has in the kernel: `slab-test` is slab_test."""
    return stem.replace("-", "_")


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
