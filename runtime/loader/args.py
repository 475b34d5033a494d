"""The argument string of insmod, `foo=bar,bar2 baz="a b" wiz`, taken apart as the kernel does it.

Linux: lib/cmdline.c, next_arg(); kernel/params.c, parse_args(), parameq(), 6.1
"""

_SPACE = b" \t\n\v\f\r\xa0"


class Argument:
    """One argument. value: None for a bare name; at: where the value begins in Arguments.mangled."""

    __slots__ = ("at", "name", "value")

    def __init__(self, name: str, value: bytes | None, at: int) -> None:
        self.name, self.value, self.at = name, value, at


class Arguments:
    """All arguments, in order.

    mangled: the string with NULs after names and values, as a set function of the module finds it in memory; rest: what
    follows a `--`.
    """

    def __init__(self, text: bytes) -> None:
        self.items: list[Argument] = []
        self.rest: bytes | None = None
        self._text = bytearray(text.partition(b"\0")[0] + b"\0")
        at = self._skip(0)
        while self._text[at]:
            at = self._next(at)
            last = self.items[-1]
            if last.value is None and last.name == "--":
                self.items.pop()
                self.rest = bytes(self._text[at:-1])
                break
        self.mangled = bytes(self._text)

    def _skip(self, at: int) -> int:
        while self._text[at] and self._text[at] in _SPACE:
            at += 1
        return at

    def _next(self, start: int) -> int:
        """Cut one argument off. Return: where the next begins."""
        text = self._text
        quoted = text[start] == 0x22
        start += quoted
        end, equals = self._end(start, quoted)
        value_at = -1
        if equals:
            text[start + equals] = 0
            value_at = start + equals + 1
            if text[value_at] == 0x22:
                value_at += 1
                if text[end - 1] == 0x22:
                    text[end - 1] = 0
        if quoted and end > start and text[end - 1] == 0x22:
            text[end - 1] = 0
        following = end + 1 if text[end] else end
        text[end] = 0
        value = self._string(value_at) if value_at >= 0 else None
        self.items.append(Argument(str(self._string(start), "utf-8", "backslashreplace"), value, value_at))
        return self._skip(following)

    def _end(self, start: int, in_quote: bool) -> tuple[int, int]:
        """Find the space that ends the argument, and the first `=`, counted from the start; 0 where there is none."""
        text, at, equals = self._text, start, 0
        while text[at] and (in_quote or text[at] not in _SPACE):
            if not equals and text[at] == 0x3D:
                equals = at - start
            if text[at] == 0x22:
                in_quote = not in_quote
            at += 1
        return at, equals

    def _string(self, at: int) -> bytes:
        return bytes(self._text[at : self._text.index(0, at)])


def same_name(one: str, other: str) -> bool:
    """Compare parameter names: a dash is an underscore."""
    return one.replace("-", "_") == other.replace("-", "_")
