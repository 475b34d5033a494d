"""Builds a module with the kernel's own build system and installed headers: the whole kernel API.

Nothing is written beside the source: the build runs in a copy, and the result is kept in the cache (cache.py). The
copy's place shows nowhere: debug information and __FILE__ name the source where it really lies, as kbuild does it.
"""

import os
import re
import shutil
import subprocess
from functools import partial
from pathlib import Path

from toolchain.cache import BuildError, cached, content_key, deliver, sources_of

SERIES = "6.1"  # the kernel whose ABI the emulated machine has

_NOISE = re.compile(
    r"^(make(\[\d+\])?: |Skipping BTF|warning: the compiler differs|  The kernel |  You are ).*\n?", re.M
)


def find_headers(arch: str = "amd64") -> Path | None:
    """Return the newest installed headers of the supported series, from /usr/src or else /lib/modules/*/build."""
    found = [path for path in Path("/usr/src").glob(f"linux-headers-{SERIES}*-{arch}") if usable(path)]
    if found:
        return max(found, key=_version)
    links = sorted(Path("/lib/modules").glob(f"{SERIES}*/build"))
    return next((path for path in reversed(links) if usable(path)), None)


def has_tools() -> bool:
    """Tell whether this machine has what kbuild needs besides headers: make, and the compiler that built the kernel."""
    return shutil.which("make") is not None and shutil.which("gcc") is not None


def usable(headers: Path) -> bool:
    """Tell whether a directory holds kernel headers that modules can be built with."""
    return (headers / "Makefile").exists() and (headers / "Module.symvers").exists()


def _version(headers: Path) -> tuple[int, ...]:
    return tuple(map(int, re.findall(r"\d+", headers.name)))


def release(headers: Path) -> str:
    """Return the release of the kernel that the headers belong to, as `uname -r` would print it."""
    text = (headers / "include/generated/utsrelease.h").read_text()
    return text.split('"')[1]


def build(path: Path, headers: Path, output: Path | None = None) -> list[Path]:
    """Build FILE.c, or every module of a directory with a Kbuild or Makefile; return the .ko files, sorted.

    output: also put them there (a file for one module, else a directory).
    Raises: BuildError with the compiler's words.
    """
    if path.is_dir():
        return _build_directory(path, headers, output)
    if not path.is_file():
        raise BuildError(f"{path}: no such file")
    name = path.stem + ".ko"
    sources = sources_of(path)
    key = content_key(path.parent, sources, "kbuild", path.stem, *_facts(headers))
    built = cached(key, name, lambda scratch: _make_file(path, sources, headers, scratch) / name)
    return [deliver(built, output)]


def _facts(headers: Path) -> list[str]:
    """What else decides the result: the headers (by path, release and age) and the compiler's version."""
    stamp = (headers / "Module.symvers").stat()
    compiler = (
        subprocess.run(["gcc", "-dumpfullversion"], text=True, capture_output=True).stdout
        if shutil.which("gcc")
        else ""
    )
    return [
        str(headers),
        release(headers),
        f"{stamp.st_size}:{stamp.st_mtime_ns}",
        compiler,
        os.environ.get("KCFLAGS", ""),
    ]


def _make_file(path: Path, sources: list[Path], headers: Path, scratch: Path) -> Path:
    """Build one C file in scratch, with the local headers that it includes at their relative places."""
    work = _copy_tree(path.parent, sources, scratch)
    (work / "Kbuild").write_text(f"obj-m := {path.stem}.o\n")
    # A symbol may come from another module, built apart from this one: only the loader can tell that it is missing.
    _make(work, headers, path.parent, path, "KBUILD_MODPOST_WARN=1")
    return work


def build_together(sources: list[Path], headers: Path) -> list[Path]:
    """Build C files of one directory as modules that use each other's exports, whose checksums they so get to know.

    Return: the .ko files, in the order of the sources. Raises: BuildError with the compiler's words.
    """
    base, names = sources[0].parent, [source.stem for source in sources]
    files = list({file: None for source in sources for file in sources_of(source)})
    key = content_key(base, files, "together", *names, *_facts(headers))

    def make(scratch: Path) -> Path:
        """Build all modules in a scratch directory. Return: a file in the directory where they are then."""
        work = _copy_tree(base, files, scratch)
        (work / "Kbuild").write_text("".join(f"obj-m += {name}.o\n" for name in names))
        _make(work, headers, base, sources[0], "KBUILD_MODPOST_WARN=1")
        for name in names:
            cached(key, f"{name}.ko", partial(_same, work / f"{name}.ko"))
        return work / "Kbuild"

    entry = cached(key, "modules", make).parent
    return [entry / f"{name}.ko" for name in names]


def _copy_tree(base: Path, sources: list[Path], scratch: Path) -> Path:
    """Copy sources so that their places relative to base stay the same, even above it; return base's copy."""
    places = [os.path.relpath(source, base) for source in sources]
    depth = max(place.split(os.sep).count("..") for place in places)
    work = scratch.joinpath(*["d"] * depth)
    work.mkdir(parents=True, exist_ok=True)
    for source, place in zip(sources, places, strict=True):
        target = Path(os.path.normpath(work / place))
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)
    return work


def _build_directory(path: Path, headers: Path, output: Path | None) -> list[Path]:
    """A directory may hold anything that its Makefile names: copy it whole, and let all files decide the key."""
    files = [file for file in sorted(path.rglob("*")) if file.is_file() and _is_source(file.relative_to(path))]
    if not any((path / name).exists() for name in ("Kbuild", "Makefile")):
        raise BuildError(f"{path}: a directory needs a Kbuild or Makefile that says what to build")
    key = content_key(path, files, "kbuild", *_facts(headers))
    index = cached(key, "modules", lambda scratch: _make_directory(path, files, headers, scratch, key))
    names = index.read_text().split()
    if output is not None and (len(names) > 1 or not output.suffix):
        output.mkdir(parents=True, exist_ok=True)
    return [deliver(index.parent / name, output) for name in names]


def _is_source(place: Path) -> bool:
    """Leave out what earlier builds left behind, and hidden files."""
    generated = place.suffix in (".o", ".ko", ".mod", ".symvers", ".order") or place.name.endswith(".mod.c")
    return not generated and not any(part.startswith(".") for part in place.parts)


def _make_directory(path: Path, files: list[Path], headers: Path, scratch: Path, key: str) -> Path:
    work = _copy_tree(path, files, scratch)
    _make(work, headers, path, path)
    modules = sorted(work.rglob("*.ko"))
    if not modules:
        raise BuildError(f"{path}: its Makefile built no module")
    for module in modules:
        cached(key, module.name, partial(_same, module))
    index = scratch / "modules"
    index.write_text("".join(f"{module.name}\n" for module in modules))
    return index


def _same(built: Path, _: Path) -> Path:
    return built


def _make(work: Path, headers: Path, place: Path, source: Path, *more: str) -> None:
    """Run kbuild in work, a copy of place."""
    flags = f"{os.environ.get('KCFLAGS', '')} -ffile-prefix-map={work}={place.absolute()}".strip()
    command = ["make", "-s", "-C", str(headers), f"M={work}", f"KCFLAGS={flags}", *more, "modules"]
    try:
        done = subprocess.run(command, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    except FileNotFoundError:
        raise BuildError("kbuild needs make, which is not installed (apt install make gcc)") from None
    if done.returncode:
        text = _NOISE.sub("", done.stdout.replace(f"{work}/", ""))
        raise BuildError(f"{source}: kbuild with {headers.name} failed", text or done.stdout)
