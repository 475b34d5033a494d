"""The real kernel's logs (tests/data/oops), read back into the plain data that the reports are made of.

A log is cut into blocks; a block is rendered again by runtime.oops, and must come out as it went in: each line, its
level and its place. Frames with a question mark and the registers of user space are not in these files.
"""

import re
from pathlib import Path

from runtime.arch import x86_64 as arch
from runtime.oops import Event

DATA = Path(__file__).resolve().parents[2] / "data" / "oops"
NAMES = [
    ("RAX", "RBX", "RCX"), ("RDX", "RSI", "RDI"), ("RBP", "R08", "R09"), ("R10", "R11", "R12"), ("R13", "R14", "R15"),
]  # fmt: skip
ALIASES = {"R08": "r8", "R09": "r9"}
HANDLERS = re.compile(
    r" (fixup_exception|(asm_)?exc_\w+|handle_bug|report_bug|__warn|check_panic_on_warn.cold|panic|dump_stack_lvl)\+"
)
LOADING = re.compile(r"\w+: (loading out-of-tree|module verification failed|module license)")
REPORT = re.compile(
    r"R[A-Z0-9]{2}: |Code: |FS: |CS: |CR2: |Call Trace| ?</?TASK>|note: |---\[|Modules linked|#PF|PGD "
    r"|---------|BUG:|WARNING:|kernel BUG| \S+\+0x[0-9a-f]+/0x"
)
ALLOCATOR = re.compile(r"BUG \S+ \(|BUG: Bad page state|-+$")

Line = tuple[int | None, str]


def names() -> list[str]:
    """All logs, by the names of their modules."""
    return sorted(path.stem for path in DATA.glob("*.log"))


def read(name: str) -> list[Line]:
    """The lines of a log: (level, text); None where only the console's copy has come through, which has no level."""
    lines: list[Line] = []
    for line in (DATA / f"{name}.log").read_text().splitlines():
        match = re.match(r"<(.)> (.*)", line)
        if match and not HANDLERS.match(match[2]) and not LOADING.match(match[2]):
            lines.append((None if match[1] == "?" else int(match[1]), match[2]))
    return lines


def find(lines: list[Line], pattern: str) -> re.Match[str] | None:
    """The first line that matches."""
    return next((match for _, text in lines if (match := re.match(pattern, text))), None)


def registers(lines: list[Line]) -> tuple[int, ...]:
    """The first register dump."""
    values = {"rsp": int(found[1], 16) if (found := find(lines, r"RSP: 0018:(\w{16})")) else 0}
    for row in NAMES:
        found = find(lines, ": (.{16}) ".join(row) + ": (.{16})$")
        for at, name in enumerate(row):
            values[ALIASES.get(name, name.lower())] = int(found[at + 1], 16) if found else 0
    return tuple(values.get(name, 0) for name in arch.REGISTERS[:16])


def code(lines: list[Line]) -> tuple[bytes | None, int]:
    """(the bytes of the first `Code:`, or None where they could not be read; rip)."""
    unread = find(lines, r"Code: Unable to access opcode bytes at 0x(\w+)\.")
    shown = find(lines, r"Code: ([0-9a-f<> ]+)$")
    first = next((text for _, text in lines if text.startswith("Code: ")), "")
    if unread is not None and first == unread[0]:
        return None, int(unread[1], 16) + 42 & arch.POINTER_MASK
    return (bytes.fromhex(re.sub("[<>]", "", shown[1])) if shown else None), arch.KERNEL_TEXT


def frames(lines: list[Line]) -> tuple[list[str], Event | None]:
    """The first call trace, and the registers of the exception that it goes through."""
    texts = [text for _, text in lines]
    if " <TASK>" not in texts:
        return [], None
    start = texts.index(" <TASK>") + 1
    inside = lines[start : texts.index(" </TASK>", start)]
    entry = event(inside) if find(inside, "RIP: ") else None
    return [text[1:] for _, text in inside if text.startswith(" ")], entry


def event(lines: list[Line], address: int | None = None) -> Event:
    """What lines begin with a report of. address: of a page fault; CR2 is predicted from it."""
    task = find(lines, r"CPU: (\d+) PID: (\d+) Comm: (\S+) ")
    rip = find(lines, r"RIP: 0010:(.*)")
    segments = find(lines, r"FS:  (\w{16})\(0000\) GS:(\w{16})")
    control = [
        found[1] if (found := find(lines, rf".*{name}: (\w{{16}})")) else "0" for name in ("CR0", "CR2: .*CR3", "CR4")
    ]
    cr2 = find(lines, r"CR2: (\w{16}) CR3")
    opcodes, where = code(lines)
    note = find(lines, r"note: .* preempt_count (\d+)")
    modules = find(lines, r"Modules linked in:(.*?)( \[last unloaded: .*)?$")
    trace, entry = frames(lines)
    eflags = find(lines, r"RSP: .* EFLAGS: (\w+)")
    cr = [int(value, 16) for value in control]
    logged = int(cr2[1], 16) if cr2 else 0
    return Event(
        rip[1] if rip else "", (*registers(lines), where), eflags=int(eflags[1], 16) if eflags else 0, code=opcodes,
        frames=trace, modules=modules[1].split() if modules else [], cpu=int(task[1]) if task else 0, pid=int(task[2])
        if task else 0, comm=task[3] if task else "", preempt=int(note[1]) if note else 0, fs=int(segments[1], 16) if
        segments else 0, gs=int(segments[2], 16) if segments else 0, cr=(cr[0], logged if address is None else address,
        cr[1], cr[2]), address=address or 0, entry=entry,
    )  # fmt: skip
