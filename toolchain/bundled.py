"""Builds a module with the bundled headers and any C compiler: no kernel headers, no kernel build system, no root.

The module is one translation unit: its source, and behind it a footer with what modpost would add (.modinfo and
__this_module), so that nothing has to be linked. The result has the ABI of the distribution's kernel that the ABI file
describes; it has no __fentry__ calls, no return thunks and no ORC tables: .debug_frame says how to unwind.
"""

import os
import re
import subprocess
from functools import partial
from pathlib import Path

import runtime.abi as abi_room
from runtime.abi import Abi, load
from toolchain import generated
from toolchain.cache import BuildError, cache_directory, cached, content_key, deliver, sources_of
from toolchain.compilers import Compiler, environment, find_compiler, headers_flags
from toolchain.generated import HEADERS, generate, headers_text
from toolchain.undefined import undefined_symbols


def build(path: Path, output: Path | None = None, compiler: Compiler | None = None) -> Path:
    """Build FILE.c into a .ko and return where it is; output: put a copy there.

    compiler: find_compiler() chooses where none is given. Raises: BuildError with the compiler's words.
    """
    if path.is_dir():
        raise BuildError(f"{path}: a directory needs kbuild, and that needs kernel headers (linux-headers-6.1*)")
    if not path.is_file():
        raise BuildError(f"{path}: no such file")
    compiler = compiler or find_compiler()
    abi = load()
    made = generated_headers(abi)
    flags = module_flags(compiler, made, module_name(path))
    key = content_key(path.parent, sources_of(path), "bundled", made.name, compiler.identity, *compiler.flags)
    built = cached(key, path.stem + ".ko", lambda scratch: _compile(path, abi, compiler, flags, scratch))
    return deliver(built, output)


def module_name(path: Path) -> str:
    """Return the name that a module gets from its file's name, as kbuild makes it."""
    return path.stem.replace("-", "_").replace(",", "_")


def module_flags(compiler: Compiler, made: Path, name: str) -> list[str]:
    """Return all flags for a module's source but input and output. made: the directory of generated headers."""
    defines = ["-D__KERNEL__", "-DMODULE", f'-DKBUILD_MODNAME="{name}"', f'-DKBUILD_BASENAME="{name}"']
    if {"-mindirect-branch=thunk-extern", "-mretpoline-external-thunk"} & set(compiler.flags):
        defines.append("-DABI_RETPOLINE")
    preludes = ["-include", "linux/kconfig.h", "-include", "linux/compiler_types.h"]
    return [*compiler.flags, *defines, *headers_flags([HEADERS, made]), *preludes]


def generated_headers(abi: Abi) -> Path:
    """Return the directory with the generated abi/ headers, written when bundled headers or ABI have changed."""
    data = [Path(abi_room.__file__).with_name(f"{abi.name}.{kind}") for kind in ("json", "exports")]
    inputs = [*HEADERS.rglob("*.h"), *data, Path(generated.__file__), Path(__file__)]
    entry = f"include-{content_key(HEADERS, inputs)}"
    last = cache_directory() / entry / "abi" / "layout.h"  # written last: where it is, all are
    if not last.exists():
        for name, text in sorted(generate(abi, headers_text()).items(), key=lambda item: item[0] == last.name):
            cached(f"{entry}/abi", name, partial(_write, text))
    return last.parent.parent


def _write(text: str, scratch: Path) -> Path:
    (scratch / "text").write_text(text)
    return scratch / "text"


def vermagic(abi: Abi) -> str:
    return f"{abi.kernel} SMP preempt mod_unload modversions "


def _compile(path: Path, abi: Abi, compiler: Compiler, flags: list[str], scratch: Path) -> Path:
    """Compile twice: the second time with the checksums of what the first result imports."""
    source, built = scratch / f"{path.stem}.mod.c", scratch / f"{path.stem}.ko"
    places = [f"-ffile-prefix-map={scratch}={path.parent.absolute()}", f'-DABI_VERMAGIC="{vermagic(abi)}"']
    command = [*compiler.command, *flags, *places, "-c", "-o", str(built), str(source)]
    text = f'#include "{path.absolute()}"\n#include <linux/footer.h>\n'
    source.write_text(text)
    _run(command, path)
    source.write_text(text + versions(abi, undefined_symbols(built)))
    _run(command, path)
    return built


def _run(command: list[str], path: Path) -> None:
    done = subprocess.run(
        command, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=environment(), cwd=path.parent
    )
    if done.returncode:
        raise BuildError(f"{path}: the build with the bundled headers failed", _readable(done.stdout, path))


def versions(abi: Abi, imports: list[str]) -> str:
    """Return the C text of __versions: the checksum of each import that the kernel exports, and of module_layout."""
    lines = []
    for name in ["module_layout", *imports]:
        found = abi.exports.find(name)
        if found:
            lines.append(f'\t{{ {found.crc:#010x}, "{name}" }},\n')
    return (
        f'static const struct modversion_info ____versions[] __used __section("__versions") = {{\n{"".join(lines)}}};\n'
    )


def _readable(text: str, path: Path) -> str:
    """Leave out the line about the wrapper, and say of the source what the user called it."""
    text = re.sub(r"^(In file included |  +)from .*\.mod\.c:\d+:\n", "", text, flags=re.M)
    return text.replace(str(path.absolute()), os.fspath(path))
