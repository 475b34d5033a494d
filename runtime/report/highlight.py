"""C source as HTML: comments, strings, numbers, keywords and the preprocessor marked, line by line."""

import re
from collections.abc import Iterator

from markupsafe import Markup, escape

_KEYWORDS = (
    "auto break case char const continue default do double else enum extern float for goto if inline int long register "
    "return short signed sizeof static struct switch typedef union unsigned void volatile while bool true false NULL "
    "u8 u16 u32 u64 s8 s16 s32 s64 size_t ssize_t gfp_t loff_t __init __exit __user __iomem __percpu"
)
_TOKENS = re.compile(
    r"(?P<c>/\*.*?(?:\*/|\Z)|//[^\n]*)"
    r"|(?P<s>\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*')"
    r"|(?P<p>^[ \t]*#[ \t]*\w+(?:[ \t]*<[^>\n]*>)?)"
    rf"|(?P<k>\b(?:{'|'.join(_KEYWORDS.split())})\b)"
    r"|(?P<d>\b\d[\w.]*)",
    re.S | re.M,
)


def highlight(lines: list[str]) -> list[Markup]:
    """The lines as HTML. Classes: c comment, s string, p preprocessor, k keyword, d number."""
    text = "\n".join(lines)
    made: list[list[str]] = [[]]
    for kind, piece in _pieces(text):
        for at, part in enumerate(piece.split("\n")):
            if at:
                made.append([])
            if part:
                safe = escape(part)
                made[-1].append(f'<span class="{kind}">{safe}</span>' if kind else str(safe))
    return [Markup("".join(parts)) for parts in made]


def _pieces(text: str) -> Iterator[tuple[str, str]]:
    at = 0
    for found in _TOKENS.finditer(text):
        yield "", text[at:found.start()]
        yield found.lastgroup or "", found.group()
        at = found.end()
    yield "", text[at:]
