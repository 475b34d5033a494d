"""A rule as text: words separated by blanks. What is read is printed again."""

from typing import Any

from runtime.errors import Usage
from runtime.inject import when, where, who
from runtime.inject.kinds import BY_NAME, INLINE, KINDS
from runtime.inject.values import ERROR, Form, error_value
from runtime.inject.when import SAME, UNIQUE, When
from runtime.inject.where import Where
from runtime.inject.who import PROCESS, Who

WORDS: dict[str, Form] = {**where.WORDS, **who.WORDS, **when.WORDS, "error": ERROR}
Word = tuple[str, Any]
"""(the word before the `=`, the value); ("", name) for a kind or a function."""


class Rule:
    """Where, who and when, as one --fail says it. Plain data: Plan binds it to a machine.

    error: what a function returns that is made to fail; None: what it declares first.
    """

    def __init__(self, words: tuple[Word, ...]) -> None:
        self.words = words
        names = tuple(value for word, value in words if not word)
        given = {SAME.get(word, word): value for word, value in words if word}
        if UNIQUE in names:
            given[UNIQUE] = True
        self.where = Where(tuple(name for name in names if name != UNIQUE), given)
        if "fail-nth" in given:  # a count of processes: interrupts have none
            given.setdefault("context", PROCESS)
        self.who, self.when = Who(given), When(given)
        self.error = error_value(given["error"]) if "error" in given else None

    def __str__(self) -> str:
        return " ".join(f"{word}={WORDS[word].show(value)}" if word else value for word, value in self.words)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Rule) and self.words == other.words

    def __hash__(self) -> int:
        return hash(self.words)


def parse(text: str) -> Rule:
    """Read one --fail. Raises: Usage, which names the word that is wrong and what is possible."""
    try:
        words = [_word(word) for word in text.split()]
        if not words:
            raise Usage(f"nothing is said; a kind ({_kinds()}), nth=3, site=foo.c:42 ...")
        _once(words)
        return Rule(tuple(words))
    except Usage as problem:
        raise Usage(f"fault plan '{text}': {problem}") from None


def _word(text: str) -> Word:
    name, equals, value = text.partition("=")
    if not equals:
        return "", _bare(text)
    form = WORDS.get(name)
    if form is None:
        raise Usage(f"there is no word '{name}'; possible are {', '.join(sorted(WORDS))}, {UNIQUE}")
    try:
        return name, form.read(value)
    except ValueError:
        raise Usage(f"'{text}': {name}= takes {form.possible}") from None


def _bare(text: str) -> str:
    if text in WORDS and text not in BY_NAME:
        raise Usage(f"'{text}' needs a value: {text}= takes {WORDS[text].possible}")
    if text in INLINE:
        raise Usage(f"'{text}' is inlined into its caller; say '{INLINE[text]}'")
    if text not in BY_NAME and text != UNIQUE and not (text.isascii() and text.isidentifier()):
        raise Usage(f"'{text}' is neither a kind ({_kinds()}) nor the name of a function")
    return text


def _once(words: list[Word]) -> None:
    seen: dict[str, str] = {}
    for word, value in words:
        key = SAME.get(word, word) or f" {value}"
        if key in seen:
            also = f" ({seen[key]}= is the same)" if seen[key] != word else ""
            raise Usage(f"'{word or value}' is given twice{also}")
        seen[key] = word


def _kinds() -> str:
    return ", ".join(kind.name for kind in KINDS)
