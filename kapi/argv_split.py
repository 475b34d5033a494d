"""Splitting a string into words: argv_split() of string_helpers.

Linux: lib/argv_split.c, 6.1
"""

from typing import Annotated

from kapi.registry import export
from runtime.c import const_char_p, gfp_t, pointer
from runtime.kernel import Kernel

char_pp = Annotated[int, pointer("char *")]
int_p = Annotated[int, pointer("int")]
_SPACES = b" \t\n\v\f\r\xa0"


@export
def argv_split(k: Kernel, gfp: gfp_t, str: const_char_p, argcp: int_p) -> char_pp:
    """An array of the words of a string, with NULL behind them; argv_free() frees it. Return: NULL on scarcity.

    *argcp, unless argcp is NULL: how many. The word in front of the array is the copy that the words lie in.
    """
    text = k.mem.cstr(str)
    copy = k.slab.kmalloc(len(text) + 1, gfp)
    if not copy:
        return 0
    words = _words(text)
    array = k.slab.kmalloc(8 * (len(words) + 2), gfp)
    if not array:
        k.slab.kfree(copy)
        return 0
    k.mem.write(copy, bytes(0 if byte in _SPACES else byte for byte in text) + b"\0")
    for index, value in enumerate([copy, *(copy + at for at in words), 0]):
        k.mem.put64(array + 8 * index, value)
    if argcp:
        k.mem.put32(argcp, len(words))
    return array + 8


def _words(text: bytes) -> list[int]:
    """Where the words begin."""
    return [at for at, byte in enumerate(text) if byte not in _SPACES and (not at or text[at - 1] in _SPACES)]


@export
def argv_free(k: Kernel, argv: char_pp) -> None:
    array = argv - 8
    k.slab.kfree(k.mem.u64(array))
    k.slab.kfree(array)
