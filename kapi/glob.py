"""glob.h: names by patterns with * ? and [a-z] or [!a-z], as a shell has them.

Linux: lib/glob.c, 6.1
"""

from kapi.registry import export
from runtime.c import bool_, const_char_p
from runtime.kernel import Kernel


@export
def glob_match(k: Kernel, pat: const_char_p, str: const_char_p) -> bool_:
    """Does the whole string have the pattern? * matches / as well; \\ takes what follows it literally."""
    return matches(k.mem.cstr(pat), k.mem.cstr(str))


def matches(pattern: bytes, text: bytes) -> bool:
    """By going back to the last *, which may then stand for one byte more."""
    done = at = 0
    star, again = -1, 0
    while True:
        if pattern[done : done + 1] == b"*":
            star, again, done = done, at, done + 1
            continue
        if done == len(pattern) and at == len(text):
            return True
        length = _token(pattern, done, text[at]) if done < len(pattern) and at < len(text) else 0
        if length:
            done, at = done + length, at + 1
        elif star >= 0 and again < len(text):
            again += 1
            done, at = star + 1, again
        else:
            return False


def _token(pattern: bytes, at: int, byte: int) -> int:
    """The length of the pattern's next token if it matches a byte, else 0."""
    kind = pattern[at : at + 1]
    if kind == b"?":
        return 1
    if kind == b"[":
        end, found = _class(pattern, at + 1, byte)
        if end:
            return end - at if found else 0
    if kind == b"\\" and at + 1 < len(pattern):
        return 2 if pattern[at + 1] == byte else 0
    return 1 if pattern[at] == byte else 0


def _class(pattern: bytes, at: int, byte: int) -> tuple[int, bool]:
    """(behind the ], does the class have the byte?); (0, False) where no ] ends it. A ] in front is a member."""
    inverted = pattern[at : at + 1] == b"!"
    at += inverted
    first, found = at, False
    while at < len(pattern) and (pattern[at] != 0x5D or at == first):
        low = high = pattern[at]
        if pattern[at + 1 : at + 2] == b"-" and pattern[at + 2 : at + 3] not in (b"]", b""):
            high, at = pattern[at + 2], at + 2
        found |= low <= byte <= high
        at += 1
    return (at + 1, found != inverted) if at < len(pattern) else (0, False)
