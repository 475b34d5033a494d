"""string.h: memory and strings, by bytes.

memcpy(), memset() and memmove() are guest code (thunks.py). What faults in the middle has done what comes before it.
Linux: lib/string.c, arch/x86/lib/, 6.1
"""

from typing import Annotated

from kapi.chunks import difference, find, pieces, string
from kapi.ctype import TO_LOWER
from kapi.registry import alias, export
from runtime.c import char_p, const_char_p, const_void_p, int_, pointer, size_t, ssize_t, void_p
from runtime.kernel import Kernel

char_pp = Annotated[int, pointer("char *")]
_E2BIG = 7
_INT_MAX = (1 << 31) - 1
_WORD = 8


# Memory


@export
def memcmp(k: Kernel, cs: const_void_p, ct: const_void_p, count: size_t) -> int_:
    """Return: the difference of the first two bytes that differ."""
    one, other = difference(k, cs, ct, count, terminated=False)
    return one - other


alias("bcmp", memcmp)


@export
def memchr(k: Kernel, s: const_void_p, c: int_, n: size_t) -> void_p:
    """The address of the first byte c, or NULL."""
    at, found = find(k, s, c & 0xFF, n, terminated=False)
    return s + at if found else 0


@export
def memscan(k: Kernel, addr: void_p, c: int_, size: size_t) -> void_p:
    """The address of the first byte c, or that behind the area."""
    return addr + find(k, addr, c & 0xFF, size, terminated=False)[0]


@export
def memchr_inv(k: Kernel, start: const_void_p, c: int_, bytes: size_t) -> void_p:
    """The address of the first byte that is not c, or NULL."""
    same = b"%c" % (c & 0xFF)
    done = 0
    for piece in pieces(k, start, bytes):
        rest = piece.lstrip(same)
        if rest:
            return start + done + len(piece) - len(rest)
        done += len(piece)
    return 0


# Copying


@export
def strcpy(k: Kernel, dest: char_p, src: const_char_p) -> char_p:
    k.mem.write(dest, k.mem.cstr(src) + b"\0")
    return dest


@export
def stpcpy(k: Kernel, dest: char_p, src: const_char_p) -> char_p:
    """Return: the address of the NUL written."""
    text = k.mem.cstr(src)
    k.mem.write(dest, text + b"\0")
    return dest + len(text)


@export
def strncpy(k: Kernel, dest: char_p, src: const_char_p, count: size_t) -> char_p:
    """Write exactly count bytes: zeros behind the string, or, where it is longer, no NUL at all."""
    if count:
        text = k.mem.cstr(src, count)
        k.mem.write(dest, text)
        k.mem.fill(dest + len(text), count - len(text), 0)
    return dest


@export
def strlcpy(k: Kernel, dest: char_p, src: const_char_p, size: size_t) -> size_t:
    """Return: the length of src, all of which is read."""
    text = k.mem.cstr(src)
    if size:
        k.mem.write(dest, text[: size - 1] + b"\0")
    return len(text)


@export
def strscpy(k: Kernel, dest: char_p, src: const_char_p, count: size_t) -> ssize_t:
    """Return: bytes copied without the NUL, or -E2BIG where the string was cut (also for count 0, or above INT_MAX)."""
    if count > _INT_MAX:
        k.trouble.warn("strscpy_size")
    if not 0 < count <= _INT_MAX:
        return -_E2BIG
    text = k.mem.cstr(src, count)
    if len(text) == count:
        k.mem.write(dest, text[:-1] + b"\0")
        return -_E2BIG
    # Words are copied as long as a whole one fits: the last one brings zeros behind the NUL.
    whole = (len(text) // _WORD + 1) * _WORD
    k.mem.write(dest, text.ljust(whole if whole <= count else len(text) + 1, b"\0"))
    return len(text)


@export
def strscpy_pad(k: Kernel, dest: char_p, src: const_char_p, count: size_t) -> ssize_t:
    """As strscpy(), with zeros behind the string up to count."""
    written = strscpy(k, dest, src, count)
    if 0 <= written < count - 1:
        k.mem.fill(dest + written + 1, count - written - 1, 0)
    return written


@export
def strcat(k: Kernel, dest: char_p, src: const_char_p) -> char_p:
    strcpy(k, dest + k.mem.strlen(dest), src)
    return dest


@export
def strncat(k: Kernel, dest: char_p, src: const_char_p, count: size_t) -> char_p:
    """Append at most count bytes and a NUL."""
    if count:
        k.mem.write(dest + k.mem.strlen(dest), k.mem.cstr(src, count) + b"\0")
    return dest


@export
def strlcat(k: Kernel, dest: char_p, src: const_char_p, count: size_t) -> size_t:
    """count: size of dest. Return: the length that the whole string would have. BUG: dest is not terminated within
    count.
    """
    length, text = k.mem.strlen(dest), k.mem.cstr(src)
    if length >= count:
        k.trouble.bug("strlcat")
    k.mem.write(dest + length, text[: count - length - 1] + b"\0")
    return length + len(text)


# Comparing


@export
def strcmp(k: Kernel, cs: const_char_p, ct: const_char_p) -> int_:
    """Return: -1, 0 or 1."""
    one, other = difference(k, cs, ct)
    return (one > other) - (one < other)


@export
def strncmp(k: Kernel, cs: const_char_p, ct: const_char_p, count: size_t) -> int_:
    one, other = difference(k, cs, ct, count)
    return (one > other) - (one < other)


@export
def strcasecmp(k: Kernel, s1: const_char_p, s2: const_char_p) -> int_:
    """Return: the difference of the first two characters that differ, in lower case."""
    for one, other in zip(string(k, s1), string(k, s2), strict=False):
        if TO_LOWER[one] != TO_LOWER[other]:
            return TO_LOWER[one] - TO_LOWER[other]
    return 0


@export
def strncasecmp(k: Kernel, s1: const_char_p, s2: const_char_p, len: size_t) -> int_:
    """As strcasecmp(), but where one string ends the other's character counts as it is."""
    for one, other in zip(string(k, s1, len), string(k, s2, len), strict=False):
        if not one or not other:
            return one - other
        if TO_LOWER[one] != TO_LOWER[other]:
            return TO_LOWER[one] - TO_LOWER[other]
    return 0


# Searching


@export
def strlen(k: Kernel, s: const_char_p) -> size_t:
    return k.mem.strlen(s)


@export
def strnlen(k: Kernel, s: const_char_p, count: size_t) -> size_t:
    return k.mem.strlen(s, count)


@export
def strchr(k: Kernel, s: const_char_p, c: int_) -> char_p:
    """The address of the first c, which may be the NUL, or NULL."""
    at, found = find(k, s, c & 0xFF)
    return s + at if found else 0


@export
def strchrnul(k: Kernel, s: const_char_p, c: int_) -> char_p:
    """The address of the first c, or of the NUL."""
    return s + find(k, s, c & 0xFF)[0]


@export
def strnchr(k: Kernel, s: const_char_p, count: size_t, c: int_) -> char_p:
    at, found = find(k, s, c & 0xFF, count)
    return s + at if found else 0


@export
def strrchr(k: Kernel, s: const_char_p, c: int_) -> char_p:
    """The address of the last c, which may be the NUL, or NULL."""
    at = (k.mem.cstr(s) + b"\0").rfind(c & 0xFF)
    return s + at if at >= 0 else 0


@export
def strspn(k: Kernel, s: const_char_p, accept: const_char_p) -> size_t:
    """The length of the part at the beginning that is made of accept's characters."""
    wanted = k.mem.cstr(accept)
    return next(at for at, char in enumerate(string(k, s)) if not char or char not in wanted)


@export
def strcspn(k: Kernel, s: const_char_p, reject: const_char_p) -> size_t:
    """The length of the part at the beginning that has none of reject's characters."""
    wanted = k.mem.cstr(reject)
    return next(at for at, char in enumerate(string(k, s)) if not char or char in wanted)


@export
def strpbrk(k: Kernel, cs: const_char_p, ct: const_char_p) -> char_p:
    """The address of the first character that is one of ct's, or NULL."""
    at = strcspn(k, cs, ct)
    return cs + at if k.mem.u8(cs + at) else 0


@export
def strsep(k: Kernel, s: char_pp, ct: const_char_p) -> char_p:
    """Cut *s at the first of ct's characters. Return: the part before; *s is the rest, or NULL behind the last."""
    begin = k.mem.u64(s)
    if not begin:
        return 0
    end = strpbrk(k, begin, ct)
    if end:
        k.mem.put8(end, 0)
    k.mem.put64(s, end + 1 if end else 0)
    return begin


@export
def strstr(k: Kernel, s1: const_char_p, s2: const_char_p) -> char_p:
    """The address of s2 within s1, or NULL."""
    wanted = k.mem.cstr(s2)
    at = k.mem.cstr(s1).find(wanted) if wanted else 0
    return s1 + at if at >= 0 else 0


@export
def strnstr(k: Kernel, s1: const_char_p, s2: const_char_p, len: size_t) -> char_p:
    """The address of s2 within len bytes of s1, NULs among them, or NULL."""
    wanted = k.mem.cstr(s2)
    text = b""
    for piece in pieces(k, s1, len):
        text += piece
        if wanted in text:
            return s1 + text.find(wanted)
    return 0 if wanted else s1
