"""Reads the layouts and constants of a kernel out of its headers: python -m toolchain.abi_probe --headers DIR > JSON

A generated C file asks for everything in the wish list (probe/linux.wish), the kernel's own build system compiles it
with -g, and the answers are read from its DWARF. Structures that no header declares (struct slab, say) come from the
BTF of the kernel's image, where one is given.
"""

import json
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from elftools.elf.constants import SH_FLAGS
from elftools.elf.elffile import ELFFile

from toolchain.btf import Btf
from toolchain.layouts import Layouts
from toolchain.wishes import WISH_FILE, Wishes, failed_lines

SOURCE = "probe.c"


class ProbeError(Exception):
    """The headers cannot be probed; str() holds the compiler's own words."""


class Probe:
    """Compiles wishes with one compiler command, in one directory.

    command: the argument list that compiles SOURCE in directory to an object file, without `-o FILE` and the source's
    name.
    cwd: where the command is to be run.
    """

    def __init__(self, command: list[str], directory: Path, cwd: Path, wishes: Wishes) -> None:
        self.command = command
        self.directory = directory
        self.cwd = cwd
        self.wishes = wishes
        self.missing: list[str] = []

    def run(self) -> Layouts:
        """Compile what can be compiled, and read it. Names that had to be left out are in self.missing afterwards."""
        head = ["#define INCLUDE_VERMAGIC", *self.wishes.includes()]
        macros = self._compile(head, "-E", "-dM").stdout
        lines = {**self.wishes.types(), **{f"enum {k}": v for k, v in self.wishes.enums().items()}}
        lines.update({f"{k}:": v for k, v in self.wishes.constants(macros).items()})
        self._grant(head, lines)
        with open(self.directory / "probe.o", "rb") as file:
            return Layouts(ELFFile(file))

    def _grant(self, head: list[str], lines: dict[str, str]) -> None:
        """Compile all lines but those that the compiler refuses, which are dropped until none is left to drop."""
        names = list(lines)
        first = len(head) + 1
        while True:
            done = self._compile([*head, *(lines[name] for name in names)], "-g", "-c", "-o", "probe.o")
            if not done.returncode:
                return
            failed = failed_lines(done.stderr, SOURCE, range(first, first + len(names)))
            if not failed:
                raise ProbeError(done.stderr)
            self.missing += [names[number - first].rstrip(":") for number in sorted(failed)]
            names = [name for number, name in enumerate(names, first) if number not in failed]

    def _compile(self, text: list[str], *flags: str) -> "subprocess.CompletedProcess[str]":
        (self.directory / SOURCE).write_text("\n".join(text) + "\n")
        placed = [str(self.directory / flag) if flag == "probe.o" else flag for flag in flags]
        return subprocess.run(
            [*self.command, *placed, str(self.directory / SOURCE)], cwd=self.cwd, text=True, capture_output=True
        )


def kbuild_command(headers: Path, directory: Path) -> list[str]:
    """Return how kbuild compiles a module's source, learnt from the command file that it leaves beside an object."""
    (directory / SOURCE).write_text("int probe_nothing;\n")
    (directory / "Kbuild").write_text("obj-m += probe.o\n")
    done = subprocess.run(
        ["make", "-s", "-C", str(headers), f"M={directory}", "probe.o"], text=True, capture_output=True
    )
    record = directory / ".probe.o.cmd"
    if done.returncode or not record.exists():
        raise ProbeError(done.stderr or done.stdout)
    words = shlex.split(record.read_text().splitlines()[0].split(":=", 1)[1].split(" ; ")[0])
    words = [word for word in words if not word.startswith("-Wp,-MMD") and not word.startswith("-Werror")]
    return words[: words.index("-c")]


def read_kernel(headers: Path, image: Path | None = None) -> dict[str, Any]:
    """Return the whole ABI as the JSON file holds it, and name on stderr what the wish list asked for in vain."""
    wishes = Wishes(WISH_FILE.read_text())
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        probe = Probe(kbuild_command(headers, directory), directory, headers, wishes)
        layouts = probe.run()
    structs, missing = dict(layouts.structs), list(probe.missing)
    if image:
        hidden, absent = Btf(section_of(image, ".BTF")).layouts(wishes["image"])
        structs.update({name: struct | {"image": 1} for name, struct in hidden.items() if name not in structs})
        missing += absent
    print("not there:", *missing, file=sys.stderr)
    release = (headers / "include/generated/utsrelease.h").read_text().split('"')[1]
    return {
        "abi": abi_name(release, layouts.pointer_size),
        "kernel": release,
        "structs": structs,
        "constants": layouts.constants,
    }


def section_of(image: Path, name: str) -> bytes:
    """Return the contents of an ELF file's section; raise ValueError where it has none of that name."""
    with open(image, "rb") as file:
        section = ELFFile(file).get_section_by_name(name)
        if section is None:
            raise ValueError(f"{image}: no section {name}")
        return bytes(section.data())


def sections_of(image: Path) -> dict[str, tuple[int, int, bool]]:
    """Return address, size and whether it holds code, for every section of an ELF file that is loaded."""
    with open(image, "rb") as file:
        return {
            section.name: (section["sh_addr"], section["sh_size"], bool(section["sh_flags"] & SH_FLAGS.SHF_EXECINSTR))
            for section in ELFFile(file).iter_sections()
            if section["sh_flags"] & SH_FLAGS.SHF_ALLOC
        }


def abi_name(release: str, pointer_size: int) -> str:
    version = ".".join(release.split(".")[:2])
    return f"linux-{version}-" + {8: "x86_64", 4: "i386"}[pointer_size]


def to_json(abi: dict[str, Any]) -> str:
    """Return the file's text: a structure or a constant per line, sorted by name."""

    def block(items: dict[str, Any]) -> str:
        """A JSON object with a line for each item, by name."""
        return (
            "{\n"
            + ",\n".join(
                f"{json.dumps(name)}: {json.dumps(items[name], separators=(',', ':'))}" for name in sorted(items)
            )
            + "\n}"
        )

    head = ",\n".join(f'"{key}": {json.dumps(abi[key])}' for key in ("abi", "kernel"))
    return f'{{\n{head},\n"structs": {block(abi["structs"])},\n"constants": {block(abi["constants"])}\n}}\n'


def main(arguments: list[str]) -> int:
    """The command. Return: the exit status."""
    options = dict(zip(arguments[::2], arguments[1::2], strict=False))
    if "--headers" not in options or set(options) - {"--headers", "--image"}:
        print("usage: python -m toolchain.abi_probe --headers DIR [--image VMLINUX] > JSON", file=sys.stderr)
        return 2
    image = options.get("--image")
    sys.stdout.write(to_json(read_kernel(Path(options["--headers"]).resolve(), Path(image) if image else None)))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
