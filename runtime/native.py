"""A few bytes of native code where Python would be too slow: for hosts of the x86-64 family, each with a twin in Python
for the others.
"""

import ctypes
import mmap
import os
from functools import cache

_pages: list[mmap.mmap] = []  # where the code lies: for good


def is_here() -> bool:
    """Can this host run it?"""
    return os.uname().machine in ("x86_64", "AMD64")


@cache
def address(code: bytes) -> int:
    """Where the code lies in this process; it is called as C calls a function."""
    _pages.append(mmap.mmap(-1, max(len(code), 1), prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC))
    _pages[-1][: len(code)] = code
    return ctypes.addressof(ctypes.c_char.from_buffer(_pages[-1]))
