"""The kernel's log: records, how a text becomes one, and how dmesg shows them.

A record whose text did not end with a newline stays open, and the same caller may continue it with KERN_CONT until
somebody logs something else. Linux: kernel/printk/printk.c, vprintk_store(), record_print_text(); printk_ringbuffer.c,
6.1
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple, Protocol

from runtime.undo import Undo, pop, push

EMERG, ALERT, CRIT, ERR, WARNING, NOTICE, INFO, DEBUG = range(8)
FROM_TEXT = -1  # the level is in the text, or else WARNING

SIZE = 128 << 10  # bytes of the log, unless the command line gives more
LINE_MAX = 992  # bytes of a record, a NUL among them
_PREFIX_BUFFER = 7  # bytes of a text that are searched for levels
_SHOWN_MAX = 1024  # bytes of a record as dmesg shows it, with a prefix for each line
_AVERAGE = 32  # the kernel's guess of a record's size: so many fewer records than bytes
_BLOCK = 8  # bytes in front of each text, and its alignment
_PADDING = _BLOCK + _BLOCK - 1
_FRAME = 4  # bytes around a line of the kernel's own while it is a text: the mark of its level, newline, NUL

Stored = tuple[int, int, bytes, int, bool, int, int]
"""(level, time in ns, text, caller, open, begin, end); begin and end count the bytes ever stored, padding included"""


class Record(NamedTuple):
    """A record as users see it. time: ns since boot; caller: who may continue it (the pid, or
    0x80000000 + CPU in an interrupt), 0 in a record that was complete from the start.
    """

    level: int
    time: float
    text: str
    caller: int
    open: bool


class Timer(Protocol):
    """Tells when a record is logged, in ns since boot; of several in a row: when the first, and how much later each."""

    def event(self) -> int: ...
    def events(self, count: int) -> tuple[int, int]: ...


class Log:
    """The log of one machine. size: a power of two, in bytes; the oldest records make room for new ones.

    caller(): who logs. A record that is not the last one is closed, whatever its mark says.
    """

    def __init__(self, undo: Undo, timer: Timer, caller: Callable[[], int], size: int = SIZE) -> None:
        self.records: list[Stored] = undo.list()
        self._noted = undo.noted
        self.now, self.times, self.caller = timer.event, timer.events, caller
        self.size = max(SIZE, 1 << (size - 1).bit_length())
        self.limit = self.size // _AVERAGE

    def printk(self, text: bytes, level: int = FROM_TEXT, whole: bool = False) -> int:
        """Log a rendered text, which may begin with KERN_ marks. whole: it is never continued, newline or not
        (devices).

        Return: bytes that were stored, without marks and newline.
        """
        size, cont = len(text) + 1, False
        if size >= LINE_MAX:
            size = min(size & 0xFFFF, LINE_MAX)
            text = text[: max(size - 1, 0)]
        open_ = text[-1:] != b"\n"
        mark = _LEVEL_MARKS.get(text[:2])
        if mark is not None and text[2:3] != b"\1":
            level = mark if level == FROM_TEXT else level
            text = text[2:] if open_ else text[2:-1]
        elif text[:1] == b"\1":
            level, cont, head = _marks(text, level)
            text = text[head:] if open_ else text[head:-1]
        elif not open_:
            text = text[:-1]
        open_ = open_ and not whole
        caller = self.caller() if open_ or cont else 0
        if not (cont and self._continue(text, size, caller, open_)):
            records = self.records
            begin = records[-1][6] if records else 0
            end = begin + (size + _PADDING & -_BLOCK)
            if (begin ^ end) & -self.size:
                end = self._wrapped(begin, size)
            push(records, (level & 7 if level >= 0 else WARNING, self.now(), text, caller, open_, begin, end))
            self._noted((pop, records))
            if end > self.size or len(records) > self.limit:
                self._make_room(end)
        return len(text)

    def lines(self, level: int, texts: Sequence[bytes]) -> None:
        """printk() of whole lines of the kernel's own, all of one level, without mark and newline."""
        records, new, size = self.records, [], self.size
        begin = end = records[-1][6] if records else 0
        for text in texts:
            end += len(text) + _FRAME + _PADDING if len(text) < LINE_MAX - _FRAME and text[:1] != b"\1" else size
        if end > size or len(records) + len(texts) > self.limit:  # room is to be made, or a line to be cut
            for text in texts:
                self.printk(b"\1%d%s\n" % (level, text))
            return
        time, step = self.times(len(texts))
        for text in texts:
            end = begin + (len(text) + _FRAME + _PADDING & -_BLOCK)
            new.append((level, time, text, 0, False, begin, end))
            begin = end
            time += step
        records.extend(new)

    def _wrapped(self, begin: int, size: int) -> int:
        """Where a text of size bytes that begins there ends. One that would cross the end of the buffer lies at its
        start instead.
        """
        block = size + _PADDING & -_BLOCK
        end = begin + block
        return end if not (begin ^ end) & -self.size else (end & -self.size) + block

    def _continue(self, text: bytes, size: int, caller: int, open_: bool) -> bool:
        """Append to the last record, where it is open, the caller's own, and has room."""
        if not self.records:
            return False
        level, time, before, owner, was_open, begin, _ = self.records[-1]
        if not was_open or owner != caller or len(before) + size > LINE_MAX:
            return False
        end = self._wrapped(begin, len(before) + size)
        self.records[-1] = level, time, before + text, owner, open_, begin, end
        self._make_room(end)
        return True

    def _make_room(self, end: int) -> None:
        records = self.records
        while records[0][5] < end - self.size or len(records) > self.limit:
            records.pop(0)

    def clear(self) -> None:
        """Forget all records, as `dmesg -c` does after showing them; the last stays where it is open."""
        last = self.records[-1:]
        self.records.clear()
        self.records.extend(record for record in last if record[4])

    def read(self) -> list[Record]:
        """All records, an open one as well. Bytes that are not UTF-8 become \\xNN."""
        last = self.records[-1] if self.records else None
        return [
            Record(r[0], r[1], r[2].decode("utf-8", "backslashreplace"), r[3], r[4] and r is last) for r in self.records
        ]

    def dmesg(self, raw: bool = False, closed: bool = False) -> bytes:
        """The log as dmesg shows it; raw: each line with its <level>; closed: without an open record, not seen yet."""
        records = self.records[:-1] if closed and self.records and self.records[-1][4] else self.records
        return b"".join([_shown(record, raw) for record in records])


def _marks(text: bytes, level: int) -> tuple[int, bool, int]:
    """(level, whether it continues, length of the marks). The first mark that is a level counts; the caller's own level
    counts more.
    """
    cont, at = False, 0
    while text[at : at + 1] == b"\1" and (mark := text[at + 1 : at + 2]) in _MARKS:
        if at + 2 <= _PREFIX_BUFFER:
            cont |= mark == b"c"
            if level == FROM_TEXT and mark != b"c":
                level = mark[0] - 0x30
        at += 2
    return level, cont, at


_LEVEL_MARKS = {b"\1%d" % level: level for level in range(8)}
_MARKS = frozenset(mark[1:] for mark in _LEVEL_MARKS) | {b"c"}


def _shown(record: Stored, raw: bool) -> bytes:
    """A prefix before each line. As in Linux, lines for which there is no room are dropped."""
    level, time, text = record[:3]
    prefix = (b"<%d>" % level if raw else b"") + b"[%5d.%06d] " % (time // 1_000_000_000, time // 1000 % 1_000_000)
    if b"\n" not in text and len(text) + len(prefix) + 2 <= _SHOWN_MAX:
        return prefix + text + b"\n"
    out, cut = b"", False
    while True:
        line = text.find(b"\n")
        if line < 0 and cut:
            return out
        line = len(text) if line < 0 else line
        room = _SHOWN_MAX - len(out) - len(prefix) - 2
        if line > room:
            return out
        if len(text) > room:
            text, cut = text[:room], True
        out += prefix + text[:line] + b"\n"
        if line == len(text):
            return out
        text = text[line + 1 :]
