"""Lists what a kernel exports: python -m toolchain.exports --symvers Module.symvers --image VMLINUX > EXPORTS

Names, checksums, licences and namespaces are those of Module.symvers (part of the kernel's headers). Whether a name
is a function or data is read from the image: each entry of its __ksymtab and __ksymtab_gpl leads to an address, and a
function lies in an executable section. Symbols of the distribution's own modules are left out: they are not there
until such a module is loaded.
"""

import struct
import sys
from pathlib import Path

from toolchain.abi_probe import section_of, sections_of

HEAD = "# name, CRC, f(unction) or d(ata) with g for GPL, namespace: see exports.py\n"


def kinds(image: Path) -> dict[str, str]:
    """Return "f" or "d" for every name in the export tables of a kernel image."""
    places = sections_of(image)
    code = [(start, start + size) for start, size, is_code in places.values() if is_code]
    base, strings = places["__ksymtab_strings"][0], section_of(image, "__ksymtab_strings")
    found: dict[str, str] = {}
    for table in ("__ksymtab", "__ksymtab_gpl"):
        for value, name in _entries(places[table][0], section_of(image, table)):
            text = strings[name - base : strings.index(b"\0", name - base)].decode()
            found[text] = "f" if any(start <= value < end for start, end in code) else "d"
    return found


def _entries(address: int, data: bytes) -> list[tuple[int, int]]:
    """Value and name of each entry: three 32-bit displacements from their own places (the third: namespace)."""
    entries = []
    for number, places in enumerate(struct.iter_unpack("<iii", data)):
        at = address + number * 12
        value, name, _ = ((at + 4 * n + place) & (1 << 64) - 1 for n, place in enumerate(places))
        entries.append((value, name))
    return entries


def listing(symvers: str, kind_of: dict[str, str]) -> str:
    """Return the text of an exports file. Raises KeyError where the image does not export a name of symvers."""
    lines = []
    for line in symvers.splitlines():
        crc, name, owner, export, *space = line.split("\t")
        if owner == "vmlinux":
            flags = kind_of[name] + ("g" if export.endswith("_GPL") else "")
            lines.append("\t".join([name, f"{int(crc, 16):08x}", flags, *filter(None, space)]) + "\n")
    return HEAD + "".join(sorted(lines))


def main(arguments: list[str]) -> int:
    """The command. Return: the exit status."""
    options = dict(zip(arguments[::2], arguments[1::2], strict=False))
    if set(options) != {"--symvers", "--image"}:
        print("usage: python -m toolchain.exports --symvers Module.symvers --image VMLINUX > EXPORTS", file=sys.stderr)
        return 2
    sys.stdout.write(listing(Path(options["--symvers"]).read_text(), kinds(Path(options["--image"]))))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
