"""Units of memory, and the names of the three kinds of address.

A pfn counts pages, a phys counts bytes of guest RAM, a virt is an address that the guest uses. None of them is ever
called addr.
"""

from typing import TypeAlias

Pfn: TypeAlias = int
Phys: TypeAlias = int
Virt: TypeAlias = int

PAGE_SHIFT = 12
PAGE_SIZE = 1 << PAGE_SHIFT
PAGE_MASK = PAGE_SIZE - 1

KiB = 1 << 10
MiB = 1 << 20
GiB = 1 << 30

_SUFFIX = {"": 1, "k": KiB, "m": MiB, "g": GiB, "t": GiB << 10}


def parse_size(text: str) -> int:
    """Turn `256M`, `64 GiB`, `4096` or `0x1000` into bytes. Raises: ValueError for anything else."""
    word = text.strip().lower().removesuffix("b").removesuffix("i").rstrip()
    suffix = word[-1:] if word[-1:] in _SUFFIX else ""
    number = int(word.removesuffix(suffix), 0)
    if number < 0:
        raise ValueError(f"negative size: {text}")
    return number * _SUFFIX[suffix]


def page_align(size: int) -> int:
    """Round a number of bytes up to whole pages."""
    return size + PAGE_MASK & ~PAGE_MASK


def align(value: int, to: int) -> int:
    """Round value up to a multiple of to, a power of two."""
    return value + to - 1 & -to
