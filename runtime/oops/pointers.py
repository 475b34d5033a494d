"""What a bad pointer is, judging by its value: NULL and an offset, an error pointer, a poison, a user address.

Linux: include/linux/err.h; include/linux/poison.h; include/linux/slab.h, ZERO_SIZE_PTR, 6.1
"""

import errno

from runtime.arch import x86_64 as arch
from runtime.units import PAGE_SIZE, Virt

LIST_POISON1 = 0xDEAD000000000100
LIST_POISON2 = 0xDEAD000000000122
MAX_ERRNO = 4095
ZERO_SIZE_PTR = 16
_NEAR = 4096  # how far behind a special value a member may lie
_ERRORS = {
    512: "ERESTARTSYS", 513: "ERESTARTNOINTR", 514: "ERESTARTNOHAND", 515: "ENOIOCTLCMD", 516: "ERESTART_RESTARTBLOCK",
    517: "EPROBE_DEFER", 518: "EOPENSTALE", 519: "ENOPARAM", 521: "EBADHANDLE", 522: "ENOTSYNC", 523: "EBADCOOKIE",
    524: "ENOTSUPP", 525: "ETOOSMALL", 526: "ESERVERFAULT", 527: "EBADTYPE", 528: "EJUKEBOX", 529: "EIOCBQUEUED",
    530: "ERECALLCONFLICT",
}  # fmt: skip
_BYTES = {
    0x6B: "the fill of freed slab memory (POISON_FREE)",
    0x5A: "the fill of fresh slab memory (POISON_INUSE)",
    0xA5: "the end mark of slab poison (POISON_END)",
    0xBB: "the red zone of a free object",
    0xCC: "the red zone of an object, or freed init memory",
    0xAA: "the fill of freed pages (PAGE_POISON)",
}
_SPECIAL = (
    (LIST_POISON1, "LIST_POISON1 (an entry that was taken out of its list)"),
    (LIST_POISON2, "LIST_POISON2 (an entry that was taken out of its list)"),
    (0xDEAD000000000300, "TIMER_ENTRY_STATIC"),
)


def error_name(error: int) -> str:
    """`-ENOMEM` for 12; the number where it has no name."""
    return f"-{_ERRORS.get(error) or errno.errorcode.get(error) or error}"


def is_error(pointer: Virt) -> bool:
    """IS_ERR(): the last 4095 addresses."""
    return pointer > arch.POINTER_MASK - MAX_ERRNO


def describe(address: Virt, base: Virt | None = None) -> str:
    """Name what address is, in a few words. base: the pointer that the code had, of which address is a member."""
    if base is not None and 0 < (address - base & arch.POINTER_MASK) < _NEAR:
        offset = address - base & arch.POINTER_MASK
        special = _special(base)
        if special:
            return f"{special} + {offset:#x}"
    return _special(address) or _offset(address) or _region(address)


def _special(pointer: Virt) -> str:
    """A value that means something by itself."""
    if pointer in (0, ZERO_SIZE_PTR):
        return "ZERO_SIZE_PTR (what kmalloc(0) gives)" if pointer else "NULL"
    if is_error(pointer):
        return f"ERR_PTR({error_name(-pointer & arch.POINTER_MASK)})"
    for value, name in _SPECIAL:
        if pointer == value:
            return name
    return _repeated(pointer)


def _repeated(pointer: Virt) -> str:
    """Eight equal bytes: memory that somebody has filled."""
    byte = pointer & 0xFF
    return f"{pointer:#x}, {_BYTES[byte]}" if byte in _BYTES and pointer == byte * 0x0101010101010101 else ""


def _offset(address: Virt) -> str:
    """Slightly more than a special value."""
    if address < PAGE_SIZE:
        return f"NULL + {address:#x}"
    for value, name in _SPECIAL:
        if 0 < address - value < 0x100:
            return f"{name} + {address - value:#x}"
    filled = (address >> 32 & 0xFF) * 0x0101010101010101
    return f"{_repeated(filled)} + {address - filled:#x}" if 0 < address - filled < _NEAR and _repeated(filled) else ""


def _region(address: Virt) -> str:
    """The part of the address map."""
    name = next(
        (name for start, end, name in _REGIONS if start <= address < end), "an address that nothing is mapped at"
    )
    return f"{address:#x}, {name}"


_REGIONS = (
    (0, arch.TASK_SIZE_MAX, "a user address"),
    (1 << 47, arch.POINTER_MASK - (1 << 47) + 1, "not an address (non-canonical)"),
    (arch.PAGE_OFFSET, arch.VMALLOC_START, "in the direct map"),
    (arch.VMALLOC_START, arch.VMALLOC_END, "in vmalloc space (freed, or a guard page)"),
    (arch.VMEMMAP_START, arch.VMEMMAP_START + (1 << 40), "where a struct page of memory that does not exist would be"),
    (arch.START_KERNEL_MAP, arch.MODULES_VADDR, "in the kernel's image"),
    (arch.MODULES_VADDR, arch.MODULES_END, "in module space"),
)
