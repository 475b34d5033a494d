"""What runs inside the real kernel as process 1: a shell script made for the scenarios of one boot; and reading back
what it says.

It writes to the second serial port, so that the console (the first) cannot mix with it. Messages are taken out of the
kernel's log after each step (`dmesg -r -c`): complete, in order, with their levels. Markers hold a random word, so that
no output of a module or command is taken for one.

A boot ends early where a kernel is no longer as good as fresh: after an oops, a warning or a bad page (the taint mask
says so), or when a module stays. The scenarios that were not begun are for the next boot.
"""

import re
import shlex
from typing import NamedTuple

from toolchain.onecall import Call, read_call, status
from toolchain.scenario import Scenario, Step

HARMLESS_TAINT = 1 << 12 | 1 << 13  # out of tree, unsigned: as every module here

_LOGGED = re.compile(r"<\d+>\[ *\d+\.\d+\]")
_ON_CONSOLE = re.compile(r"\[ *\d+\.\d+\]")
_HEAD = """#!/bin/busybox sh
/bin/busybox --install -s /usr/bin
export PATH=/bin:/usr/bin
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev
exec </dev/null >/dev/ttyS1 2>&1
dmesg -r -c >/dev/null
{more}
echo "{mark} BEGIN $(uname -r)"
fresh() {{
  left=$(( $(cat /proc/sys/kernel/tainted) & ~{harmless} ))
  [ $left = 0 ] && [ -z "$(cat /proc/modules)" ] || finish
}}
finish() {{ echo "{mark} END"; reboot -f; }}
"""


class Outcome(NamedTuple):
    """What came of a step. status: `rc=0`, `rc=1 errno=EINVAL`, `rc=137` (killed), `panic`, `hang`. log: raw lines, as
    `dmesg -r` prints them. output: of a command or file. nanoseconds: of insmod and rmmod, 0 where they were killed.
    """

    step: Step
    status: str
    log: list[str]
    output: list[str]
    nanoseconds: int = 0


class Transcript(NamedTuple):
    """What a guest has said so far: its release ("" before the script ran), the outcomes of each scenario that was
    begun, and whether the script came to its end.
    """

    release: str
    scenarios: list[list[Outcome]]
    ended: bool


def script(scenarios: list[Scenario], mark: str, verbose: bool = False) -> str:
    """The script. mark: a word that nothing else prints. verbose: all messages go to the console as well, with a line
    for each step, for the case that the kernel does not survive it.
    """
    out = [_HEAD.format(mark=mark, harmless=HARMLESS_TAINT, more="dmesg -n 8" if verbose else "")]
    for scenario in scenarios:
        out.append(f"echo '{mark} SCENARIO'\n")
        for step in scenario.steps:
            out += [f"echo '{mark} STEP'\n", f"echo '{mark} STEP' >/dev/console\n" if verbose else "", _run(step, mark)]
            out.append("dmesg -r -c\n")
        out.append(f"echo '{mark} DONE'\nfresh\n")
    return "".join([*out, "finish\n"])


def _run(step: Step, mark: str) -> str:
    """The shell's words for a step. Paths are given, else some builds of busybox run their own insmod."""
    report = f"\nrc=$?; echo; echo \"{mark} RC $rc $out\"\n"
    if step.verb == "insmod":
        return f"out=$(/bin/insmod /m/{step.subject}.ko {shlex.quote(step.arguments)})" + report
    if step.verb == "rmmod":
        return f"out=$(/bin/rmmod {shlex.quote(step.subject)})" + report
    command = step.subject if step.verb == "do" else f"cat /proc/{step.subject}"
    return f"out=; sh -c {shlex.quote(command)}" + report


def read(text: str, scenarios: list[Scenario], mark: str) -> Transcript:
    """Read what the script wrote. A step without its status is the one that the guest did not survive: it is left out
    here, and its scenario is shorter than it should be.
    """
    text = text.replace("\r\n", "\n")
    begin = re.search(rf"^{mark} BEGIN (\S+)\n", text, re.M)
    if not begin:
        return Transcript("", [], False)
    parts = text[begin.end() :].split(f"{mark} SCENARIO\n")[1:]
    found = [_scenario(part, scenario, mark) for part, scenario in zip(parts, scenarios, strict=False)]
    return Transcript(begin[1], found, f"{mark} END\n" in text)


def _scenario(text: str, scenario: Scenario, mark: str) -> list[Outcome]:
    text, complete, _ = text.partition(f"{mark} DONE\n")
    parts = text.split(f"{mark} STEP\n")[1:]
    if not complete:
        parts = parts[:-1]  # its log may have been cut off as well
    return [_outcome(part, step, mark) for part, step in zip(parts, scenario.steps, strict=False)]


def _outcome(text: str, step: Step, mark: str) -> Outcome:
    output, _, rest = text.rpartition(f"\n{mark} RC ")
    code, _, log = rest.partition("\n")
    number, _, printed = code.partition(" ")
    after = log.split("\n")[:-1]
    lines = [line for line in after if _LOGGED.match(line)]
    if step.verb in ("do", "proc"):
        # What a command left in the background prints may come late.
        late = [line for line in after if not _LOGGED.match(line)]
        return Outcome(step, f"rc={number}", lines, [*output.removesuffix("\n").split("\n"), *late] if output else late)
    if number != "0":  # the program itself always ends with 0: the kernel has killed it
        return Outcome(step, f"rc={number}", lines, [])
    call: Call = read_call(printed.strip())
    return Outcome(step, status(call.result), lines, [], call.nanoseconds)


def of_console(text: str, mark: str) -> list[str]:
    """The last step's messages on a console that had all of them: `[ time] text`, without levels."""
    lines = text.replace("\r\n", "\n").rpartition(f"{mark} STEP\n")[2].split("\n")
    return [line for line in lines if _ON_CONSOLE.match(line)]
