"""Every report of every log of the real kernel, made again from its data.

The same lines, in the same order, at the same levels. What allocators say has its test in tests/test_bug_modules.py.
"""

import re

import pytest

from runtime.oops import Health, Report, faults, oom, pieces, report, sites, taint, warn
from runtime.oops import health as levels
from runtime.oops.bugs import NO_CUT_HERE, WARNING, Bug
from runtime.undo import Undo
from tests.runtime.oops import reallog
from tests.runtime.oops.reallog import Line

VECTORS = {"divide error": 0, "int3": 3, "invalid opcode": 6}


def health_of(lines: list[Line]) -> Health:
    """A kernel that has loaded one module from outside, as each log begins."""
    health = Health(Undo(journal=False))
    health.taint = 1 << taint.OOT_MODULE | 1 << taint.UNSIGNED_MODULE
    if any(text == "Disabling lock debugging due to kernel taint" for _, text in lines[:3]):
        health.add_taint(taint.PROPRIETARY_MODULE, lock_debugging=False)
    return health


def rendered(health: Health, lines: list[Line]) -> list[Line] | None:
    """The report that lines begin with, made by runtime.oops; None where they begin with something else."""
    for pattern, make in MAKERS:
        match = re.match(pattern, lines[0][1])
        if match:
            made = make(health, lines, match)
            return made if made is None else list(made.lines)
    return None


def page_fault(health: Health, lines: list[Line], match: re.Match[str]) -> Report:
    address = reallog.find(lines, r"BUG: .* address: (\w{16})")
    error = reallog.find(lines, r"#PF: error_code\(0x(\w+)\)")
    walk = reallog.find(lines, "PGD (.*)")
    event = reallog.event(lines, int(address[1], 16))
    top, _, *rest = (int(word, 16) for word in re.findall(r"\b[0-9a-f]+\b", walk[1]))
    event.error, event.walk = int(error[1], 16), (top, *rest)
    return faults.page_fault(health, event)


def protection(health: Health, lines: list[Line], match: re.Match[str]) -> Report:
    """The modules of these logs read through %rax: `mov (%rax),%rsi`, `mov 0x18(%rax),%rsi`.

    Kernel functions show their code.
    """
    event = reallog.event(lines)
    event.instruction = (
        event.code[42:] if event.code else b"\x48\x8b\x70\x18" if "offset" in event.where else b"\x48\x8b\x30"
    )
    if "+" not in event.where:
        event.instruction = b""
    return faults.general_protection(health, event)


def exception(health: Health, lines: list[Line], match: re.Match[str]) -> Report:
    return faults.exception(health, reallog.event(lines), VECTORS[match[1]])


def stack_overflow(health: Health, lines: list[Line], match: re.Match[str]) -> Report:
    event = reallog.event(lines)
    event.address, event.stack = 0x1000, (0x2000, 0x6000)
    health.pointer = dict(zip((0x1000, 0x2000, 0x6000), match.groups(), strict=True)).__getitem__
    return faults.page_fault(health, event)


# Lines of inline functions: there are rows for several functions that they are compiled into.
_SHARED = {
    place
    for place in (row[1:3] for row in sites.BUGS.values())
    if [row[1:3] for row in sites.BUGS.values()].count(place) > 1
}


def arguments(template: str, text: str) -> list[object] | None:
    """What was filled into a message; None where it is another message."""
    kinds = [int if "x" in spec else str for spec in re.findall(r"{(.*?)}", template)]
    found = re.fullmatch(re.sub(r"\\{.*?\\}", "(.*?)", re.escape(template)), text)
    return (
        None if found is None else [int(v, 16) if k is int else v for k, v in zip(kinds, found.groups(), strict=True)]
    )


def site(health: Health, lines: list[Line], match: re.Match[str]) -> Report | None:
    """A block that begins with `cut here`, or with what a BUG says before: by the place that it names."""
    texts = [text for _, text in lines[:4]]
    place = next(
        (m for t in texts if (m := re.match(r"(?:WARNING: .* at|kernel BUG at) (\S+):(\d+)(?:! ?| (\S+))", t))), None
    )
    if place is None:
        return None
    table = sites.WARNINGS if "WARNING" in place[0] else sites.BUGS
    maker = warn.warn if "WARNING" in place[0] else warn.bug
    for name, row in table.items():
        inlined_elsewhere = maker is warn.bug and row[0] != reallog.event(lines).where and row[1:3] in _SHARED
        if row[1:3] == (place[1], int(place[2])) and place[3] in (None, row[0]) and not inlined_elsewhere:
            said = texts[0] if maker is warn.bug else texts[1]
            args = arguments(row[-1], said) if row[-1] else []
            event = reallog.event(lines)
            expected = event.where
            made = maker(health, event, name, *args)
            assert event.where == expected
            return made
    assert "/" not in place[1], f"{place[1]}:{place[2]} is a place in the kernel that sites.py lacks"
    if texts[0] != pieces.CUT_HERE[1]:
        return None
    if texts[1].startswith("kernel BUG"):
        return warn.invalid_opcode(health, None, reallog.event(lines), Bug(0, place[1], int(place[2]), 0))
    said = [] if texts[1].startswith("WARNING: ") else [texts[1]]
    bit = taint.CRAP if said == ["tainted with C"] else taint.WARN
    flags = WARNING | bit << 8 | (NO_CUT_HERE if said else 0)
    made = warn.invalid_opcode(health, None, reallog.event(lines), Bug(0, place[1], int(place[2]), flags))
    return Report([*(warn.head(health, lines[1][0] or 4, said[0]) if said else []), *made.lines])


def atomic(health: Health, lines: list[Line], match: re.Match[str]) -> Report:
    event = reallog.event(lines)
    event.preempt = int(match[1], 16)
    unloaded = reallog.find(
        lines, r"Modules linked in: .*\[last unloaded: (.*)\]|Modules linked in: \[last unloaded: (.*)\]"
    )
    health.last_unloaded = (unloaded[1] or unloaded[2]) if unloaded else ""
    return warn.scheduling_while_atomic(health, event)


def panic(health: Health, lines: list[Line], match: re.Match[str]) -> Report:
    caller = re.fullmatch("stack-protector: Kernel stack is corrupted in: (.*)", match[1])
    event = reallog.event(lines)
    return faults.stack_smashed(health, event, caller[1]) if caller else report.panic(health, event, match[1])


def stack_dump(health: Health, lines: list[Line], match: re.Match[str]) -> Report:
    return Report(pieces.dump_stack(health, reallog.event(lines)))


def locks_off(health: Health, lines: list[Line], match: re.Match[str]) -> Report | None:
    """The end of what an allocator says of a bad page or slab."""
    return Report(health.add_taint(taint.BAD_PAGE, lock_debugging=False)) if health.locks_debugged else None


def module_list(health: Health, lines: list[Line], match: re.Match[str]) -> Report:
    return Report(health.module_lines(reallog.event(lines)))


def oom_kill(health: Health, lines: list[Line], match: re.Match[str]) -> Report:
    texts = [text for _, text in lines]
    info = texts[
        texts.index("Mem-Info:") : next(at for at, text in enumerate(texts) if text.endswith("hwpoisoned")) + 1
    ]
    last = next(at for at, text in enumerate(texts) if text.startswith("Out of memory"))
    sizes = re.match(
        r".*\((\S+)\) .*?(\d+)kB, .*?(\d+)kB, .*?(\d+)kB, .*?(\d+)kB, UID:(\d+) pgtables:(\d+)kB", texts[last]
    )
    total, anon, file, shmem = (int(size) // 4 for size in sizes.groups()[1:5])
    task = reallog.find(lines, r"\[ +(\d+)\] +(\d+) +\d+ +\d+ +(\d+) ")
    tables = int(sizes[7]) << 10
    victim = oom.Process(int(task[1]), sizes[1], total, int(task[3]), tables, anon, file, shmem, int(task[2]))
    rows = (re.match(r"(\S+) +(\d+)KB +(\d+)KB", text) for text in texts[:last])
    slabs = [(row[1], int(row[2]), int(row[3])) for row in rows if row]
    event = reallog.event(lines)
    shown = [(levels.WARNING, line) for line in info]
    what = int(match[1], 16), match[2], int(match[3])
    made = oom.killed_for_memory(health, event, *what, shown, slabs, [victim], victim)
    return Report(made)


MAKERS = [
    (r"insmod invoked oom-killer: gfp_mask=0x(\w+)\((.*?)\), order=(\d+)", oom_kill),
    (r"kernel tried to execute|BUG: unable to handle page fault|BUG: kernel NULL", page_fault),
    (r"general protection fault(?:, .* address (0x\w+))?: ", protection),
    (r"(divide error|int3|invalid opcode): ", exception),
    (r"BUG: TASK stack guard page was hit at (\w+) \(stack is (\w+)\.\.(\w+)\)", stack_overflow),
    (r"BUG: scheduling while atomic: \w+/\d+/0x(\w+)", atomic),
    (r"-+\[ cut here|list_(?:add|del)|detected buffer overflow", site),
    (r"Kernel panic - not syncing: (.*)", panic),
    (r"CPU: \d+ PID: ", stack_dump),
    (r"Disabling lock debugging", locks_off),
    (r"Modules linked in:", module_list),
]


def same(made: Line, real: Line) -> bool:
    return made[1].rstrip() == real[1].rstrip() and real[0] in (None, made[0])


@pytest.mark.parametrize("name", reallog.names())
def test_each_report_of_the_real_kernel_is_made_again_line_for_line(name: str) -> None:
    lines = reallog.read(name)
    health = health_of(lines)
    health.panic_on_oops, health.panic_on_warn = name == "oops_panic", name == "panic_on_warn"
    at, left = 0, []
    while at < len(lines):
        made = rendered(health, lines[at:])
        if made is None:
            left.append(lines[at])
            at += 1
            continue
        real = lines[at : at + len(made)]
        assert [text for _, text in made] == [text for _, text in real]
        assert all(same(*pair) for pair in zip(made, real, strict=True)), [
            p for p in zip(made, real, strict=True) if not same(*p)
        ]
        at += len(made)
    assert [text for _, text in left if reallog.REPORT.match(text) and not reallog.ALLOCATOR.match(text)] == []
