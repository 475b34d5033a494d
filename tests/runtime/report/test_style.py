import io

import pytest

from runtime.report.style import Style, in_bytes, plural


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def _a_plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")


def test_a_terminal_gets_colour() -> None:
    assert Style(Terminal()).bad("leak") == "\033[1;31mleak\033[0m"


def test_a_pipe_gets_none() -> None:
    assert Style(io.StringIO()).bad("leak") == "leak"


def test_no_color_is_respected_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    assert Style(Terminal()).bad("leak") == "leak"


@pytest.mark.parametrize(("count", "text"), [
    (0, "0 B"), (96, "96 B"), (1536, "1.5 KiB"), (4 << 20, "4 MiB"), (64 << 30, "64 GiB"), (1023, "1023 B")])
def test_bytes_are_said_in_the_largest_unit_that_fits(count: int, text: str) -> None:
    assert in_bytes(count) == text


def test_one_is_singular() -> None:
    assert (plural(1, "page"), plural(2, "page"), plural(0, "entry", "entries")) == ("1 page", "2 pages", "0 entries")
