"""Logs made comparable: hides what varies between two boots of the real kernel, with what was loaded before in the same
boot, or with the update of Debian 12's kernel, and nothing else. The one place that does so; modules/README.md tells
the same to readers of the .log files.

Left out:
- what a stack trace says of kernel functions: their frames, and every frame with a question mark; frames in a module
  stay, with offsets. Registers, `Code:` and page tables (`PGD`); all that is said about user space.
- two lines that come with the first module of a boot: it is out of tree, and not signed; and the boot's own last
  messages (the clock, the random generator), which come at any moment of the first seconds.
Replaced:
- time stamps by nothing; numbers of processes and CPUs by N; `kernel_function+0x1/0x2` by the name.
- pointers, hashed or not (16 hexadecimal digits), by <ptr>; not those that are the same in each boot: NULL and what is
  close to it, error pointers, the list poison (dead...), one byte over and over.
- numbers of page frames; SLUB's offsets in a slab, free pointers, counts in use, ages: the freelists are shuffled.
- all numbers of a Mem-Info report: they are the whole machine's memory at this moment.
- what a trace says of modules that are gone (`last unloaded`).
- the update of Debian 12's kernel that a trace names: `6.1.0-N-amd64 #1  Debian 6.1.N-N`.

A log that is kept in a file shall fit every compiler's build of a module, at any place: there, frames in modules, their
offsets and the directories of source files go as well (portable).
"""

import re
from collections.abc import Iterable, Iterator

_LEFT_OUT = re.compile(
    r"""
    \w+:\ (loading\ out-of-tree\ module\ taints\ kernel\.$|module\ verification\ failed:\ )
  | clocksource:\ (tsc:\ mask|Switched\ to\ clocksource\ tsc) | random:\ crng\ init\ done
  | Clockevents:\ could\ not\ switch | Could\ not\ switch\ to\ high\ resolution
  | (RSP|RAX|RDX|RBP|R10|R13|FS|CS|CR2|EAX|ESI|DS|CR0|DR0|DR3|DR6):\ +[0-9a-f]{4}
  | RIP:\ 0033: | EIP:\ 0x | Code:\ | PGD\ | \*pde\ =\ | \*pdpt\ =\ | Hardware\ name:\ | Kernel\ Offset:
  | \ \?\ \S
  | \ [\w.]+\+0x[0-9a-f]+/0x[0-9a-f]+$
  | \ 0x[0-9a-f]+$
    """,
    re.X,
)
_REPLACED = [
    (re.compile(pattern), text)
    for pattern, text in (
        (r"\b([\w.]+)\+0x[0-9a-f]+/0x[0-9a-f]+(?![0-9a-f]| \[)", r"\1"),
        (r"\b(pfn[ =:]+)(0x)?[0-9a-f]+", r"\1N"),
        (r"\b((?:CPU|PID|cpu|pid)[ =:#]+)\d+", r"\1N"),
        (r"(@offset=|\bused=|\bage=)\d+", r"\1N"),
        (r"\bfp=(0x)?[0-9a-f]+", "fp=N"),
        (r"^(note: .*)\[\d+\]", r"\1[N]"),
        (r"^(BUG: scheduling while atomic: .*)/\d+/", r"\1/N/"),
        (r"(\bCPU#N, [^/]+)/\d+", r"\1/N"),
        (r"\b6\.1\.0-\d+(-[\w-]+ #1  Debian 6\.1\.)\d+-\d+$", r"6.1.0-N\1N-N"),
        (r"^(Modules linked in:.*) \[last unloaded: [^]]*\]$", r"\1"),
    )
]
_FRAME = re.compile(r" \S+\+0x[0-9a-f]+/0x[0-9a-f]+ \[\w+\]$")
_OF_A_BUILD = re.compile(r"\+0x[0-9a-f]+/0x[0-9a-f]+(?= \[\w+\])|(?<= at )/\S*/(?=[^\s/]+:\d)")
_LINE = re.compile(r"(?:<(\d+)>)?\[ *\d+\.\d+\](?:\[ *[TC]\d+\])? ?(.*)")
_POINTER = re.compile(r"(?<![\w.])(?:0x|(?=ffff|0000))([0-9a-f]{16})(?!\w)")
_MEMINFO_BEGINS, _MEMINFO_ENDS = "Mem-Info:", "pages hwpoisoned"
_MIGRATE_TYPES = re.compile(r" \([UMEHCI]+\)")


def log(lines: Iterable[str], portable: bool = False) -> Iterator[str]:
    """`<6>[    1.234567] text`, as `dmesg -r` prints it, as `<6> text`; a line of a console, without a level, as
    `<?> text`. portable: also leave out what depends on the build. Raises: ValueError for any other line.
    """
    in_meminfo = False
    for line in lines:
        found = _LINE.fullmatch(line)
        if found is None:
            raise ValueError(f"not a line of a raw log: {line!r}")
        level, words = found[1] or "?", found[2]
        in_meminfo = in_meminfo or words == _MEMINFO_BEGINS
        if in_meminfo:
            yield f"<{level}> {_MIGRATE_TYPES.sub('', _numbers(words))}"
            in_meminfo = not words.endswith(_MEMINFO_ENDS)
        elif not _LEFT_OUT.match(words) and not (portable and _FRAME.match(words)):
            shown = text(words)
            yield f"<{level}> {_OF_A_BUILD.sub('', shown) if portable else shown}".strip()


def text(words: str) -> str:
    """One line without level and time: of a message, a command's output, a file of /proc."""
    for pattern, replacement in _REPLACED:
        words = pattern.sub(replacement, words)
    return _POINTER.sub(_pointer, words)


def _numbers(words: str) -> str:
    """All counts to N, but not the numbers inside words (`DMA32`) and the sizes that a count is of (`3*64kB`)."""
    return re.sub(r"(?<![\w*])\d+(?=\*|kB|KB|\b)", "N", words)


def _pointer(match: re.Match[str]) -> str:
    digits = match[1]
    value = int(digits, 16)
    meant = value < 0x10000 or value >= (1 << 64) - 4096 or digits.startswith("dead")
    return match[0] if meant or len({digits[at : at + 2] for at in range(0, 16, 2)}) == 1 else "<ptr>"
