"""Guest memory in pieces, for functions that read until they find something: nothing behind it is touched.

A string that is not terminated faults where the kernel's own loop would, and not before.
"""

from collections.abc import Iterator

from runtime.kernel import Kernel

_PAGE = 4096
_PIECE = 256  # bytes read at once: most strings are shorter


def pieces(k: Kernel, virt: int, limit: int | None = None) -> Iterator[bytes]:
    """Memory from virt on, limit bytes or until the caller has enough."""
    done = 0
    while limit is None or done < limit:
        size = min(_PIECE, _PAGE - (virt + done) % _PAGE, limit - done if limit is not None else _PIECE)
        yield k.mem.read(virt + done, size)
        done += size


def string(k: Kernel, virt: int, limit: int | None = None) -> Iterator[int]:
    """The characters of a string, the NUL at its end among them."""
    for piece in pieces(k, virt, limit):
        end = piece.find(0)
        yield from piece if end < 0 else piece[: end + 1]
        if end >= 0:
            return


def pairs(k: Kernel, a: int, b: int, limit: int | None = None) -> Iterator[tuple[bytes, bytes]]:
    """Two memories side by side."""
    done = 0
    while limit is None or done < limit:
        to_end = min(_PAGE - (a + done) % _PAGE, _PAGE - (b + done) % _PAGE)
        size = min(_PIECE, to_end, limit - done if limit is not None else _PIECE)
        yield k.mem.read(a + done, size), k.mem.read(b + done, size)
        done += size


def find(k: Kernel, virt: int, byte: int, limit: int | None = None, terminated: bool = True) -> tuple[int, bool]:
    """(offset, found): of the first such byte, or of the NUL before it, or limit."""
    done = 0
    for piece in pieces(k, virt, limit):
        at, end = piece.find(byte), piece.find(0) if terminated else -1
        if at >= 0 and (end < 0 or at <= end):
            return done + at, True
        if end >= 0:
            return done + end, False
        done += len(piece)
    return done, False


def difference(k: Kernel, a: int, b: int, limit: int | None = None, terminated: bool = True) -> tuple[int, int]:
    """The first two bytes that differ; (0, 0) where none do before the NUL of both, or limit."""
    for one, other in pairs(k, a, b, limit):
        end = one.find(0) if terminated else -1
        if one == other and end < 0:
            continue
        for x, y in zip(one, other, strict=True):
            if x != y:
                return x, y
            if terminated and not x:
                return 0, 0
    return 0, 0
