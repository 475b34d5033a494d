"""Where built modules are kept, and the errors of building them.

A module is built once for each content: the key is a hash of everything that decides the result (sources and their
place, the headers that they include with quotes, flags, compiler, kernel headers). Files are put in place by renaming,
so that two runs at once cannot disturb each other.
"""

import hashlib
import os
import re
import shutil
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path

_LOCAL_INCLUDE = re.compile(rb'^[ \t]*#[ \t]*include[ \t]*"([^"\n]+)"', re.M)


class BuildError(Exception):
    """A module could not be built. message: one line; output: what the compiler or make said. str() is both."""

    def __init__(self, message: str, output: str = "") -> None:
        super().__init__(f"{message}\n{output}".rstrip())
        self.message = message
        self.output = output


def cache_directory() -> Path:
    """Return the directory of built modules; it need not exist yet."""
    base = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    return Path(base) / "kmodrun"


def content_key(base: Path, files: Iterable[Path], *facts: str) -> str:
    """Return a hash of the files' contents, of their places (absolute: debug information holds them), of the facts."""
    digest = hashlib.sha256(os.fsencode(base.absolute()))
    for fact in facts:
        digest.update(fact.encode() + b"\0")
    for path in sorted(files):
        data = path.read_bytes()
        digest.update(f"\1{os.path.relpath(path, base)}\0{len(data)}\0".encode() + data)
    return digest.hexdigest()[:32]


def sources_of(source: Path) -> list[Path]:
    """Return a C file and all files that it includes with quotes, directly or through one another, where they exist."""
    found: dict[Path, None] = {}
    queue = [source]
    while queue:
        path = queue.pop()
        if path in found or not path.is_file():
            continue
        found[path] = None
        queue += [path.parent / name.decode(errors="replace") for name in _LOCAL_INCLUDE.findall(path.read_bytes())]
    return list(found)


def cached(key: str, name: str, make: Callable[[Path], Path]) -> Path:
    """Return the file NAME of a cache entry, made by make(directory) -> built file where there is none yet.

    make works in a temporary directory of its own, which is removed afterwards.
    """
    entry = cache_directory() / key / name
    if entry.exists():
        return entry
    entry.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="kmodrun-") as scratch:
        built = make(Path(scratch).resolve())
        partial = entry.with_name(f".{entry.name}.{os.getpid()}")
        shutil.copyfile(built, partial)
        os.replace(partial, entry)
    return entry


def deliver(built: Path, output: Path | None) -> Path:
    """Copy a built module to where the user wants it (a file, or a directory); return where it is."""
    if output is None:
        return built
    target = output / built.name if output.is_dir() else output
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(built, target)
    return target
