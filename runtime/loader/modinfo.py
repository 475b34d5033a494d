"""What a module says of itself: .modinfo (licence, vermagic ...) and __versions, the checksums of what it imports.

Linux: kernel/module/main.c, check_modinfo(), set_license(); kernel/module/version.c, check_version(), same_magic(), 6.1
"""

from errno import EBADMSG
from struct import Struct

from runtime.loader.elf import Elf
from runtime.loader.refused import KERN_ERR, Refused, refused

GPL_COMPATIBLE = {"GPL", "GPL v2", "GPL and additional rights", "Dual BSD/GPL", "Dual MIT/GPL", "Dual MPL/GPL"}
_VERSION = Struct("<Q56s")
_SIGNATURE = b"~Module signature appended~\n"
_SIGNATURE_INFO = Struct(">BBBBB3xI")
_PKCS7 = 2

# Bits of the kernel's and a module's taint mask. Linux: include/linux/panic.h
TAINT_PROPRIETARY_MODULE, TAINT_FORCED_MODULE = 1 << 0, 1 << 1
TAINT_CRAP, TAINT_OOT_MODULE, TAINT_UNSIGNED_MODULE = 1 << 10, 1 << 12, 1 << 13
TAINT_LIVEPATCH, TAINT_TEST = 1 << 15, 1 << 18


class Modinfo:
    """The tags of .modinfo, in order; a tag may come several times."""

    def __init__(self, elf: Elf) -> None:
        section = elf.alloc_section(".modinfo")
        text = bytes(elf.bytes_of(section)) if section else b""
        pairs = (entry.partition(b"=") for entry in text.split(b"\0"))
        self.tags = [(_text(tag), _text(value)) for tag, equals, value in pairs if equals]

    def get(self, tag: str) -> str | None:
        """Give the first value of a tag."""
        return next((value for key, value in self.tags if key == tag), None)

    def all(self, tag: str) -> list[str]:
        """Give all values of a tag."""
        return [value for key, value in self.tags if key == tag]

    @property
    def depends(self) -> list[str]:
        """Names of the modules whose exports this one uses."""
        return [name for name in (self.get("depends") or "").split(",") if name]

    @property
    def license(self) -> str:
        return self.get("license") or "unspecified"

    @property
    def proprietary(self) -> bool:
        """Tell whether GPL-only symbols are hidden from this module."""
        return self.license not in GPL_COMPATIBLE

    @property
    def bundled(self) -> bool:
        """Tell whether it was built with the bundled headers, which know neither checksums nor retpolines."""
        return self.get("bundled") is not None

    @property
    def release(self) -> str:
        """The kernel that it was built for, such as 6.1.0-56-amd64."""
        return (self.get("vermagic") or "").partition(" ")[0]

    def parameters(self) -> list[tuple[str, str, str]]:
        """Give (name, type, description) of each parameter, in order, for people."""
        types = dict(value.split(":", 1) for value in self.all("parmtype") if ":" in value)
        texts = dict(value.split(":", 1) for value in self.all("parm") if ":" in value)
        return [(name, types.get(name, ""), texts.get(name, "")) for name in dict.fromkeys([*types, *texts])]


def versions(elf: Elf) -> dict[str, int] | None:
    """Read __versions: symbol -> CRC; None where the module has none. Raises: Refused where it is damaged."""
    section = elf.alloc_section("__versions")
    if section is None:
        return None
    if section.size % _VERSION.size:
        raise refused(f"section __versions: its size {section.size} is no multiple of an entry's, {_VERSION.size}")
    return {
        _text(name.partition(b"\0")[0]): crc & 0xFFFFFFFF for crc, name in _VERSION.iter_unpack(elf.bytes_of(section))
    }


def is_signed(data: bytes) -> bool | str:
    """Tell whether a signature follows the module, or what Linux says of one that it cannot read.

    It is not verified: no key of any distribution is at hand.
    Raises: Refused (EBADMSG) where it cannot be as long as it says.
    """
    end = len(data) - len(_SIGNATURE)
    if not data.endswith(_SIGNATURE) or not end:
        return False
    if end <= _SIGNATURE_INFO.size:
        raise refused("its signature is damaged", errno=EBADMSG)
    start = end - _SIGNATURE_INFO.size
    algorithm, digest, kind, signer, key, size = _SIGNATURE_INFO.unpack_from(data, start)
    if size >= start:
        raise refused("its signature is damaged", errno=EBADMSG)
    if kind != _PKCS7:
        return "module: not signed with expected PKCS#7 message"
    if algorithm or digest or signer or key:
        text = "module: PKCS#7 signature info has unexpected non-zero params"
        raise refused("its signature is damaged", (KERN_ERR, text), errno=EBADMSG)
    return True


def check_kernel(info: Modinfo, has_versions: bool, vermagic: str, struct_size: int, expected_size: int) -> None:
    """Hold the module against the kernel it is loaded into.

    vermagic: the running kernel's; struct_size and expected_size: bytes of struct module in the module and in the
    kernel.
    Raises: Refused (ENOEXEC), naming both kernels, for another series than ours, for other build options, and for
    another struct module.
    """
    magic = info.get("vermagic")
    ours = vermagic.partition(" ")[0]
    if magic is not None and not _same_magic(magic, vermagic, has_versions):
        raise _another_kernel(
            magic, vermagic, (KERN_ERR, f"{info.get('name')}: version magic '{magic}' should be '{vermagic}'")
        )
    if magic is not None and _series(info.release) != _series(ours):
        raise _another_kernel(magic, vermagic)
    if struct_size != expected_size:
        built = f"built for Linux {info.release}" if magic else "built for an unknown kernel"
        raise refused(f"{built}, whose struct module has {struct_size} bytes; that of {ours} has {expected_size}")


def _same_magic(theirs: str, ours: str, has_versions: bool) -> bool:
    """Compare, without the release where checksums do its work."""
    if has_versions:
        return theirs.partition(" ")[2].rstrip() == ours.partition(" ")[2].rstrip()
    return theirs.rstrip() == ours.rstrip()


def _series(release: str) -> list[str]:
    """6.1.0-56-amd64 -> 6, 1: what shares its in-kernel interfaces (a distribution keeps them within one series)."""
    return release.split(".")[:2]


def _another_kernel(theirs: str, ours: str, *log: tuple[int, str]) -> Refused:
    return refused(f"built for Linux {theirs.strip()}; this machine is Linux {ours.strip()}", *log)


def _text(raw: bytes) -> str:
    return str(raw, "utf-8", "backslashreplace")
