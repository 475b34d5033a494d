"""An initramfs: files for the real kernel's first user space, packed without any program.

The format is cpio "newc": a header of 110 hexadecimal digits, the name, the content, each padded to 4 bytes.
Linux: Documentation/driver-api/early-userspace/buffer-format.rst, init/initramfs.c, 6.1
"""

import stat
import struct

_DIRECTORY, _FILE, _LINK = stat.S_IFDIR | 0o755, stat.S_IFREG | 0o755, stat.S_IFLNK | 0o777
_SECTION_64, _SECTION_32 = "<IIQQQQIIQQ", "<IIIIIIIIII"


class Initramfs:
    """Collects directories, files (all executable) and symbolic links; bytes() is the archive."""

    def __init__(self) -> None:
        self._entries: dict[str, tuple[int, bytes]] = {}

    def directory(self, name: str) -> None:
        """Add a directory, and those above it. name: without a leading slash."""
        parts = name.split("/")
        for depth in range(1, len(parts) + 1):
            self._entries.setdefault("/".join(parts[:depth]), (_DIRECTORY, b""))

    def file(self, name: str, content: bytes) -> None:
        """Add a file; its directory is added, too."""
        self._add(name, _FILE, content)

    def link(self, name: str, target: str) -> None:
        """Add a symbolic link."""
        self._add(name, _LINK, target.encode())

    def _add(self, name: str, mode: int, content: bytes) -> None:
        if "/" in name:
            self.directory(name.rpartition("/")[0])
        self._entries[name] = mode, content

    def __bytes__(self) -> bytes:
        entries = [*self._entries.items(), ("TRAILER!!!", (0, b""))]
        return b"".join(_entry(number, name, *rest) for number, (name, rest) in enumerate(entries, 1))


def _entry(number: int, name: str, mode: int, content: bytes) -> bytes:
    """inode, mode, uid, gid, links, mtime, size, device (4 fields), length of the name with its NUL, checksum."""
    path = name.encode() + b"\0"
    fields = number, mode, 0, 0, 1, 0, len(content), 0, 0, 0, 0, len(path), 0
    head = b"070701" + b"".join(b"%08x" % field for field in fields) + path
    return _padded(head) + _padded(content)


def _padded(data: bytes) -> bytes:
    return data + bytes(-len(data) % 4)


def without_debug_info(module: bytes) -> bytes:
    """A .ko without its .debug sections, which the kernel would only copy around; section numbers stay as they are.

    Return: the same bytes where this is no ELF file with sections.
    """
    wide = module[4:5] == b"\2"
    if module[:4] != b"\x7fELF" or len(module) < 64:
        return module
    table, = struct.unpack_from("<Q", module, 40) if wide else struct.unpack_from("<I", module, 32)
    entry_size, count, names_index = struct.unpack_from("<HHH", module, 58 if wide else 46)
    form = _SECTION_64 if wide else _SECTION_32
    if not table or entry_size != struct.calcsize(form) or table + entry_size * count > len(module):
        return module
    sections = [list(struct.unpack_from(form, module, table + entry_size * index)) for index in range(count)]
    names = sections[names_index][4]
    out = bytearray(module[:64 if wide else 52])
    for section in sections:
        _move(section, module, names, out)
    out += bytes(-len(out) % 16)
    struct.pack_into("<Q" if wide else "<I", out, 40 if wide else 32, len(out))
    return bytes(out) + b"".join(struct.pack(form, *section) for section in sections)


def _move(section: list[int], module: bytes, names: int, out: bytearray) -> None:
    """Append a section's content to out; debug information becomes an empty section (type SHT_NULL)."""
    name = module[names + section[0] : module.index(b"\0", names + section[0])]
    if name.startswith((b".debug_", b".rela.debug_", b".rel.debug_")):
        section[1:] = [0] * 9
    elif section[1] not in (0, 8):  # SHT_NULL and SHT_NOBITS have no content
        out += bytes(-len(out) % max(section[8], 1))
        at, section[4] = section[4], len(out)
        out += module[at : at + section[5]]
