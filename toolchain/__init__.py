"""Makes modules out of C source, in two ways with one result: build() picks the way.

Imports nothing until it is asked to build: running a ready .ko pays nothing for it.
"""

from pathlib import Path

__all__ = ["build"]


def build(path: Path, *, kernel: Path | None = None, bundled: bool = False, output: Path | None = None) -> Path:
    """Build FILE.c (or a directory that holds one module's Kbuild) into a .ko and return where it is.

    kernel: headers to use instead of the newest installed ones. bundled: use toolchain/include even where there are
    kernel headers; without any, or without make and gcc, they are used anyway. output: put a copy there.
    Raises: BuildError (toolchain.cache) with the compiler's words.
    """
    from toolchain import kbuild
    from toolchain.cache import BuildError

    headers = None if bundled else kernel or (kbuild.find_headers() if kbuild.has_tools() else None)
    if headers is None:
        from toolchain.bundled import build as build_bundled

        return build_bundled(path, output)
    if not kbuild.usable(headers):
        raise BuildError(f"{headers}: no kernel headers (a directory with Makefile and Module.symvers)")
    built = kbuild.build(path, headers, output)
    if len(built) > 1:
        raise BuildError(f"{path}: holds {len(built)} modules: {', '.join(module.name for module in built)}")
    return built[0]
