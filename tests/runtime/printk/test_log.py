"""The log against the real kernel's, and its limits."""

import re

from runtime import clock as timing
from runtime.printk.log import CRIT, DEBUG, INFO, LINE_MAX, SIZE, WARNING, Log
from runtime.undo import Undo
from tests.runtime.printk import cases


class Clock:
    def __init__(self) -> None:
        self.ns, self.pid = 1_234_567_890, 42

    def make(self, size: int = SIZE, journal: bool = False) -> Log:
        self.undo = Undo(journal)
        return Log(self.undo, self, lambda: self.pid, size)

    def event(self) -> int:
        return self.ns

    def events(self, count: int) -> tuple[int, int]:
        return self.ns, 0


def new(size: int = SIZE) -> Log:
    return Clock().make(size)


def texts(log: Log) -> list[str]:
    return [record.text for record in log.read()]


def test_levels_newlines_and_continuation_are_those_of_the_real_kernel() -> None:
    log, line = new(), b""
    for _, macro, (first, *rest) in cases.calls("printk_log", "K|A|CYCLE"):
        if macro == "CYCLE":
            count, char = int(first) & 0xFFFF, int(rest[0])
            line = bytes(char if i % 10 else ord("0") + i // 10 % 10 for i in range(count))
        else:
            assert isinstance(first, bytes)
            log.printk(first % tuple(line if arg == "line" else arg for arg in rest))
    shown = re.sub(rb"\[ *\d+\.\d+\] ", b"", log.dmesg(raw=True))
    shown = re.sub(rb"(?m)^(<\d>)", rb"\1 ", shown)
    assert shown.split(b"\n")[:-1] == cases.log("printk_log")


def test_dmesg_shows_the_time_in_microseconds() -> None:
    clock = Clock()
    log = clock.make()
    log.printk(b"\0016one\n")
    clock.ns = 123_456_000_000_999
    log.printk(b"two\n")
    assert log.dmesg() == b"[    1.234567] one\n[123456.000000] two\n"
    assert log.dmesg(raw=True) == b"<6>[    1.234567] one\n<4>[123456.000000] two\n"


def test_printk_returns_what_it_stored() -> None:
    log = new()
    assert [log.printk(text) for text in (b"\0016text\n", b"text", b"\001c more\n", b"\n", b"")] == [4, 4, 5, 0, 0]


def test_a_level_of_the_caller_is_kept_whatever_the_text_says() -> None:
    log = new()
    log.printk(b"\0013text\n", CRIT)
    assert [(record.level, record.text) for record in log.read()] == [(CRIT, "text")]


def test_only_the_same_caller_continues_a_record() -> None:
    clock = Clock()
    log = clock.make()
    log.printk(b"\0016open")
    clock.pid = 43
    log.printk(b"\001c other\n")
    assert [(r.level, r.text, r.caller) for r in log.read()] == [(INFO, "open", 42), (WARNING, " other", 43)]


def test_a_device_message_is_never_continued() -> None:
    log = new()
    log.printk(b"device", DEBUG, whole=True)
    log.printk(b"\001c, more\n")
    assert texts(log) == ["device", ", more"]


def test_dmesg_does_not_see_an_open_record_before_it_is_closed() -> None:
    log = new()
    log.printk(b"first\n")
    log.printk(b"open")
    assert log.dmesg(closed=True).count(b"\n") == 1 and log.dmesg().count(b"\n") == 2
    log.printk(b"next\n")
    assert log.dmesg(closed=True).count(b"\n") == 3


def test_clear_keeps_an_open_record() -> None:
    log = new()
    log.printk(b"first\n")
    log.printk(b"open")
    log.clear()
    log.printk(b"\001c, ended\n")
    assert texts(log) == ["open, ended"]


def test_bytes_that_are_not_utf8_are_kept_and_shown_escaped() -> None:
    log = new()
    log.printk(b"\xc3\xa9 \xff\n")
    assert texts(log) == ["\u00e9 \\xff"]
    assert log.dmesg().endswith(b"\xc3\xa9 \xff\n")


def test_the_oldest_records_make_room() -> None:
    log = new()
    for i in range(10_000):
        log.printk(b"%04d\n" % i)
    assert len(log.records) == SIZE // 32 and texts(log)[-1] == "9999"


def test_long_records_make_room_by_their_bytes() -> None:
    log = new()
    for i in range(1_000):
        log.printk(b"%04d".ljust(LINE_MAX) % i)
    stored = sum(len(record[2]) for record in log.records)
    assert SIZE - 2 * LINE_MAX < stored <= SIZE and texts(log)[-1].startswith("0999")


def test_the_size_is_rounded_up_to_a_power_of_two_and_never_less_than_the_default() -> None:
    assert [new(size).size for size in (1, SIZE, SIZE + 1, 1 << 20)] == [SIZE, SIZE, 2 * SIZE, 1 << 20]


def test_a_rewind_forgets_what_was_logged_since() -> None:
    clock = Clock()
    log = clock.make(journal=True)
    log.printk(b"\0016open")
    mark = clock.undo.mark()
    log.printk(b"\001c, ended\n")
    for _ in range(5_000):
        log.printk(b"more\n")
    log.clear()
    clock.undo.rewind(mark)
    assert [(r.text, r.open) for r in log.read()] == [("open", True)]
    log.printk(b"\001c, other end\n")
    assert texts(log) == ["open, other end"]


def test_whole_lines_are_stored_as_printk_does_it_one_by_one() -> None:
    for text in (b"a line", b"", b"\0014 with a mark", b"two\nlines", b"x" * (LINE_MAX - 5), b"x" * LINE_MAX):
        several, single = new(), new()
        for _ in range(300):  # the last ones wrap
            several.lines(WARNING, [text, b"another"])
            for each in (text, b"another"):
                single.printk(b"\1%d%s\n" % (WARNING, each))
        assert several.records == single.records


def test_lines_in_a_row_have_times_of_their_own() -> None:
    clock, other = timing.Clock(Undo(False), 250), timing.Clock(Undo(False), 250)
    log, single = Log(Undo(False), clock, lambda: 1), Log(Undo(False), other, lambda: 1)
    log.lines(INFO, [b"one", b"two", b"three"])
    for text in (b"one", b"two", b"three"):
        single.printk(b"\0016%s\n" % text)
    assert log.records == single.records and clock.ns == other.ns
