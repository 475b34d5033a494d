"""What the real kernel said and did with the modules of tests/data/oops, and what the machine does with them, made
comparable: messages as toolchain.normalise makes them, and how each insmod and rmmod ended.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from errno import errorcode
from pathlib import Path

from runtime import Machine
from runtime.errors import InsmodError, KernelPanic, Killed
from toolchain import normalise

DATA = Path(__file__).parent / "data" / "oops"
DIED = "the guest died"

# Besides what normalise hides: what depends on the machine's memory, or on what else runs in it.
_REPLACED = [
    (re.compile(pattern), text)
    for pattern, text in (
        (r"(?<= at )/\S*/(?=\w+\.c:)", ""),
        (r"(?<=\.\.)[0-9a-f]{16}", "<ptr>"),
        (r"(all_unreclaimable\?) \w+$", r"\1 N"),
        # What list the page was in before: struct page's lru.
        (r"(raw: 000fffffc0000000) \S+ \S+", r"\1 LRU"),
        (r"slabs: \d+, objs: \d+, free: \d+", "slabs: N, objs: N, free: N"),
        (r"(<6> )\[ +\d+\] .* (\w+)$", r"\1[N] \2"),
        (r"(Killed process) \d+ (\(\w+\)).*", r"\1 N \2"),
        (r"(global_oom.*pid=)\d+", r"\1N"),
    )
]
_CACHE = re.compile(r"<6> \S.* [\dN]+KB +\d+KB$")
_ADDRESS = re.compile(r"0xffffffffc0\w+")
_BANNER = re.compile(r"6\.1\.0-\S+ #\d+  Debian \S+$")
_SITE = re.compile(r"<.> (?:RIP: 0010:(\S+\+0x\S+)$|WARNING: CPU: \d+ PID: \d+ at (?!/)(\S+/\S+ \S+))")


def comparable(lines: Iterable[str]) -> list[str]:
    """Raw lines, of `dmesg -r` or of a console, without what varies."""
    out = []
    for line in normalise.log(lines):
        if not _CACHE.match(line):
            for pattern, replacement in _REPLACED:
                line = pattern.sub(replacement, line)
            out.append(line)
    return out


def sites(lines: Iterable[str]) -> list[str]:
    """Where functions of the kernel warned or faulted, with offsets: `<4> text` lines."""
    found = (_SITE.match(line) for line in lines)
    return [match[1] or match[2] for match in found if match]


def banners(lines: Iterable[str]) -> list[str]:
    """What reports say of the kernel itself: `6.1.0-56-amd64 #1  Debian 6.1.192-2`."""
    return [match[0] for match in map(_BANNER.search, lines) if match]


def _raw(line: str) -> str:
    return f"{'' if line[1] == '?' else line[:3]}[    1.000000] {line[4:]}"


class Session:
    """What happened, in order. steps: results and files; log: `<4> text`, or `<?> text` where levels are lost."""

    def __init__(self) -> None:
        self.steps: list[str] = []
        self.log: list[str] = []

    def died(self) -> bool:
        return DIED in self.steps

    def forget_oom_report(self) -> None:
        """Take out what the OOM killer says."""
        first = next(at for at, line in enumerate(self.log) if "invoked oom-killer" in line)
        last = next(at for at, line in enumerate(self.log) if line.startswith("<3> Out of memory: Killed"))
        del self.log[first : last + 1]

    def comparable(self, levels: bool = True) -> list[str]:
        return comparable(map(_raw, self.log if levels else ["<?>" + line[3:] for line in self.log]))


def real(name: str) -> Session:
    """NAME.log, read."""
    session = Session()
    for line in (DATA / f"{name}.log").read_text().splitlines():
        if re.match(r"<.>", line):
            session.log.append(line.ljust(4))
        elif line.startswith("@@DIED"):
            session.steps.append(DIED)
        elif found := re.fullmatch(r"@@(INSMOD|RMMOD) (\S+) rc=(\d+)(?: \[errno=(\w+)\])?", line):
            session.steps.append(f"{found[1].lower()} {found[2]}: {found[4] or found[3]}")
        elif not line.startswith("@@") and line not in ("Killed", "Segmentation fault"):
            session.steps.append(_ADDRESS.sub("ADDRESS", re.sub(r"^(errno=(\w+))? ?rc=0$", r"rmmod: \2", line)))
    if session.died():
        session.steps = [DIED]
    return session


def ours(names: Sequence[str], modules: dict[str, bytes], memory: str, cmdline: str) -> tuple[Session, Machine]:
    """Load modules one after the other, look, and remove them in reverse, as the guest's script did."""
    machine, session = Machine(memory, cmdline=cmdline), Session()
    try:
        for name in names:
            session.steps.append(f"insmod {name}: " + _result(lambda: machine.insmod(modules[name])))  # noqa: B023
        _look(machine, session)
        session.steps.append(str(machine.kernel.trouble.health.taint))
        removed = [_result(lambda: machine.rmmod(name)) for name in reversed(names)]  # noqa: B023
        session.steps += [f"rmmod: {each if each.isupper() else ''}" for each in removed]
        _look(machine, session)
        last = names[-1]
        if session.steps[len(names) - 1].endswith(" 0"):
            session.steps.append(f"rmmod {last}: " + _result(lambda: machine.rmmod(last)))
    except KernelPanic:
        session.steps = [DIED]
    session.log = list(_logged(machine))
    return session, machine


def _look(machine: Machine, session: Session) -> None:
    session.steps += _ADDRESS.sub("ADDRESS", machine.proc("modules")).splitlines()


def _result(action: Callable[[], object]) -> str:
    """What insmod ends with: its exit status, or the name of its errno."""
    try:
        action()
    except Killed as killed:
        return str(128 + killed.signal)
    except InsmodError as error:
        return errorcode[error.errno or 0]
    return "0"


def _logged(machine: Machine) -> Iterator[str]:
    for record in machine.dmesg():
        for text in record.text.split("\n"):
            yield f"<{record.level}> {text}"
