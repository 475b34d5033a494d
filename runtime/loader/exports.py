"""The symbols that a module exports to the next: __ksymtab, __ksymtab_gpl and their checksums.

An entry is three signed 32-bit displacements, each counted from itself: value, name, namespace.
Linux: include/linux/export.h, struct kernel_symbol with CONFIG_HAVE_ARCH_PREL32_RELOCATIONS, 6.1
"""

from collections.abc import Callable
from struct import Struct

_ENTRY = Struct("<iii")
_CRC = Struct("<I")
_NAME_LIMIT = 512


class Export:
    """One exported symbol. crc: None where the module was built without checksums."""

    __slots__ = ("crc", "gpl", "namespace", "virt")

    def __init__(self, virt: int, crc: int | None, gpl: bool, namespace: str) -> None:
        self.virt, self.crc, self.gpl, self.namespace = virt, crc, gpl, namespace


def read_exports(read: Callable[[int, int], bytes], sections: dict[str, tuple[int, int]]) -> dict[str, Export]:
    """Read both tables of a relocated image. read(virt, size) gives bytes of it, fewer at its end."""
    exports: dict[str, Export] = {}
    for table, crcs, gpl in (("__ksymtab", "__kcrctab", False), ("__ksymtab_gpl", "__kcrctab_gpl", True)):
        virt, size = sections.get(table, (0, 0))
        sums = _checksums(read, sections.get(crcs))
        for number, (value, name, space) in enumerate(_ENTRY.iter_unpack(read(virt, size - size % _ENTRY.size))):
            at = virt + number * _ENTRY.size
            crc = sums[number] if number < len(sums) else None
            namespace = _string(read, at + 8 + space) if space else ""
            exports[_string(read, at + 4 + name)] = Export(at + value, crc, gpl, namespace)
    return exports


def _checksums(read: Callable[[int, int], bytes], section: tuple[int, int] | None) -> list[int]:
    virt, size = section or (0, 0)
    return [crc for (crc,) in _CRC.iter_unpack(read(virt, size - size % _CRC.size))]


def _string(read: Callable[[int, int], bytes], virt: int) -> str:
    return str(read(virt, _NAME_LIMIT).partition(b"\0")[0], "utf-8", "backslashreplace")
