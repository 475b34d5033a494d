"""Takes vmlinux, the kernel's ELF file, out of a bzImage: QEMU boots it at once, without firmware and decompression.

Linux: Documentation/x86/boot.rst (the header's fields), 6.1
"""

import bz2
import hashlib
import lzma
import shutil
import struct
import subprocess
import zlib
from collections.abc import Callable
from pathlib import Path

from runtime.errors import Unsupported
from toolchain.cache import cached

_PROGRAMS = {b"\x28\xb5\x2f\xfd": "zstd", b"\x02\x21\x4c\x18": "lz4"}  # Python 3.11 has no module for these
_MODULES: dict[bytes, Callable[[bytes], bytes]] = {
    b"\xfd7zX": lzma.decompress,
    b"\x1f\x8b\x08": lambda data: zlib.decompress(data, wbits=31),
    b"BZh": bz2.decompress,
    b"\x5d\0\0": lzma.decompress,
}


def vmlinux(image: Path) -> Path:
    """Return the vmlinux of a bzImage, or the file itself when it is an ELF file; kept in the cache by content.

    Raises: Unsupported for a file that is neither, or whose compression nothing here can undo.
    """
    data = image.read_bytes()
    if data[:4] == b"\x7fELF":
        return image
    key = hashlib.sha256(b"vmlinux" + data).hexdigest()[:32]

    def unpack(scratch: Path) -> Path:
        target = scratch / "vmlinux"
        target.write_bytes(_payload(image, data))
        return target

    return cached(key, "vmlinux", unpack)


def _payload(image: Path, data: bytes) -> bytes:
    """payload_offset counts from the end of the real-mode part; the payload's last 4 bytes are its unpacked size."""
    if len(data) < 0x250 or data[0x202:0x206] != b"HdrS":
        raise Unsupported(f"{image} is no kernel image (a bzImage, or an ELF file)")
    offset, length = struct.unpack_from("<II", data, 0x248)
    start = (data[0x1F1] + 1) * 512 + offset
    unpacked = _decompress(image, data[start : start + length - 4])
    if unpacked[:4] != b"\x7fELF":
        raise Unsupported(f"{image}: what is packed in it is not an ELF file")
    return unpacked


def _decompress(image: Path, packed: bytes) -> bytes:
    for magic, decompress in _MODULES.items():
        if packed.startswith(magic):
            return decompress(packed)
    program = _PROGRAMS.get(packed[:4])
    if program is None:
        raise Unsupported(f"{image}: compressed in an unknown way ({packed[:4].hex()})")
    if shutil.which(program) is None:
        raise Unsupported(f"{image} is compressed by {program}, which is not installed")
    return subprocess.run([program, "-dc"], input=packed, stdout=subprocess.PIPE, check=True).stdout
