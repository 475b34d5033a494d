"""Logs of the machine and of the real kernel, made comparable: what modules/README.md says is left out or replaced, and
nothing else.
"""

import re
from collections.abc import Iterable, Iterator

# Lines that are left out: the first module's taint, registers, stack traces.
_DROPPED = re.compile(
    r"""
    \w+:\ (loading\ out-of-tree\ module\ taints\ kernel\.|module\ verification\ failed:\ .*)$
  | Disabling\ lock\ debugging\ due\ to\ kernel\ taint$
  | Modules\ linked\ in: | Hardware\ name: | CPU:\ \d+\ PID: | Call\ Trace: | Code:\ | \ </?TASK>
  | \ (\?\ )?\S+\+0x[0-9a-f]+/0x[0-9a-f]+(\ \[\w+\])?$
  | (RSP|RAX|RDX|RBP|R10|R13|FS|CS|CR2):\ +[0-9a-f]{4}
  | RIP:\ 0033:
    """,
    re.X,
)
_REPLACED = [
    (re.compile(pattern), text)
    for pattern, text in (
        (r"\+0x[0-9a-f]+/0x[0-9a-f]+", ""),
        (r"\b(pfn[ =:]+)(0x)?[0-9a-f]+", r"\1N"),
        (r"\b((?:CPU|PID|cpu|pid)[ =:#]+)\d+", r"\1N"),
        (r"(@offset=|\bused=|\bfp=0x)[0-9a-f]+", lambda match: match[1].removesuffix("0x") + "N"),
        (r"\((Tainted: |Not tainted)[^)]*\)", "(taint)"),
    )
]
_LINE = re.compile(r"<(\d)>\[ *\d+\.\d+\] ?(.*)")
_POINTER = re.compile(r"(?<![\w.])(?:0x|(?=ffff|0000))([0-9a-f]{16})(?!\w)")


def _pointer(match: re.Match[str]) -> str:
    """<ptr>, but for NULL and small offsets, error pointers, and poison: one byte over and over."""
    digits = match[1]
    value = int(digits, 16)
    meant = value < 0x10000 or value >= (1 << 64) - 4096 or digits.startswith("dead")
    return match[0] if meant or len({digits[at : at + 2] for at in range(0, 16, 2)}) == 1 else "<ptr>"


def normalise(lines: Iterable[str]) -> Iterator[str]:
    """`<6>[    1.234567] text`, as `dmesg -r` prints it, to `<6> text` as the .log files have it."""
    in_meminfo = False
    for line in lines:
        found = _LINE.fullmatch(line)
        assert found, f"not a line of a raw log: {line!r}"
        level, text = found.groups()
        if in_meminfo or text == "Mem-Info:":
            in_meminfo = not text.endswith("pages hwpoisoned")
        elif not _DROPPED.match(text):
            for pattern, replacement in _REPLACED:
                text = pattern.sub(replacement, text)
            yield f"<{level}> {_POINTER.sub(_pointer, text)}".strip()
