"""One run: a machine, what is printed while it runs, and the report and exit status at its end."""

import os
import sys
from argparse import Namespace
from collections.abc import Iterator
from contextlib import contextmanager
from errno import errorcode
from pathlib import Path
from typing import Any

from cli.main import CLEAN, FAULTY, UNSUPPORTED
from cli.summary import memory_lines
from runtime import Machine
from runtime.errors import InsmodError, KernelPanic, Killed, Unsupported
from runtime.report.memory import report
from runtime.report.sources import Sources
from runtime.report.style import Style
from runtime.report.text import finding_lines
from toolchain.scenario import module_name

ERROR_LEVEL = 3  # KERN_ERR and worse are coloured


class Session:
    """Loads and unloads on one machine; the log is printed after each step, everything else at the end."""

    def __init__(self, args: Namespace) -> None:
        self.args = args
        self.settings: dict[str, Any] = {
            "arch": args.arch, "memory": args.memory, "cpus": args.cpus, "nodes": args.nodes, "seed": args.seed,
            "cmdline": args.cmdline, "strict": args.strict, "blocks": args.blocks, "fail": args.fail,
            "fences": args.fences or ("right" if args.check else ""),
        }  # fmt: skip
        self.machine = Machine(**self.settings, tally=True, coverage=args.coverage is not None)
        self.style = Style(sys.stdout)
        self.shown = self.warned = 0
        self.modules: list[dict[str, Any]] = []
        self.loaded: list[dict[str, Any]] = []
        self.failed = self.dead = False
        self.unsupported: list[str] = []
        self.more: list[dict[str, Any]] = []  # findings of other runs of the same modules, and what to say of those
        self.notes: list[str] = []
        self.directories = [Path(name).parent for name in args.modules]

    def __enter__(self) -> "Session":
        return self

    def __exit__(self, *problem: object) -> None:
        self.machine.close()

    def load(self, modules: list[Path], given: dict[str, dict[str, str]]) -> bool:
        """insmod each; the first that fails ends it. Return: whether all are loaded."""
        for path in modules:
            row: dict[str, Any] = {"name": module_name(path.stem), "init": None, "exit": False}
            self.modules.append(row)
            with self.step(f"insmod {path.name}", row):
                row["init"] = self.machine.insmod(path, **given[row["name"]]).init_result
                self.loaded.append(row)
            if row not in self.loaded:
                return False
        return True

    def unload(self) -> None:
        """rmmod all that is loaded, the last one first."""
        for row in reversed(self.loaded):
            if not self.dead:
                with self.step(f"rmmod {row['name']}"):
                    self.machine.rmmod(row["name"])
                    row["exit"] = True

    @contextmanager
    def step(self, what: str, row: dict[str, Any] | None = None, expected: str = "") -> Iterator[None]:
        """Do one thing with the machine; print the log that it made, and say what went wrong.

        expected: the name of the errno that is to come.
        """
        words = ""
        try:
            yield
            words = f"expected {expected}" if expected else ""
        except InsmodError as problem:
            errno = problem.errno or 0
            if row is not None:
                row["init"] = -errno
            if errorcode.get(errno) != expected:
                words = f"{os.strerror(errno)} (-{errno})" + (f": {problem.strerror}" if problem.strerror else "")
        except Killed as problem:
            words = f"killed by signal {problem.signal}: {problem}"
        except KernelPanic as problem:
            self.dead = True
            words = f"the kernel panicked: {problem}"
        except Unsupported as gap:
            self.unsupported.append(str(gap))
        except KeyboardInterrupt:
            self.show_log()
            raise
        self.show_log()
        for warning in self.machine.warnings[self.warned:]:
            print(f"kmodrun: warning: {warning}", file=sys.stderr)
        self.warned = len(self.machine.warnings)
        if words:
            self.failed = True
            print(f"kmodrun: {what}: {words}", file=sys.stderr)

    def show_log(self) -> None:
        """Print the records that came since the last call."""
        if self.args.json:
            return
        records = self.machine.dmesg()
        for record in records[self.shown:]:
            print(self.log_line(record))
        self.shown = len(records)
        sys.stdout.flush()

    def log_line(self, record: Any) -> str:
        if self.args.raw:
            return f"<{record.level}> {record.text}"
        stamp = self.style.good(f"[{record.time:12.6f}]")
        return f"{stamp} {self.style.bad(record.text) if record.level <= ERROR_LEVEL else record.text}"

    def show_proc(self, moment: str) -> None:
        """Print the files of /proc that were asked for, each under a heading."""
        if self.args.json or self.dead:
            return
        for name in ",".join(self.args.proc).split(",") if self.args.proc else ():
            self.show_file(name, f", {moment}")
        sys.stdout.flush()

    def show_file(self, name: str, moment: str = "") -> None:
        """Print a file of /proc under a heading."""
        if not self.args.json and not self.dead:
            text = self.machine.proc(name)
            print(self.style.title(f"==> /proc/{name}{moment} <=="))
            print(text, end="")

    def report(self) -> int:
        """Print memory and findings on stderr, or the JSON object on stdout. Return: the exit status."""
        findings = [finding.as_dict(self.machine.frames) for finding in self.machine.findings] + self.more
        if self.args.json:
            self.print_json(findings)
        else:
            self.print_report(findings)
        if self.unsupported:
            return UNSUPPORTED
        return FAULTY if findings or self.failed else CLEAN

    def failures(self) -> list[dict[str, Any]]:
        """What the fault plan made fail, as in --json."""
        if self.machine.plan is None:
            return []
        from cli.failed import failures
        return failures(self.machine, self.machine.plan)

    def failure_lines(self, style: Style) -> list[str]:
        """The same, a line each, and one for each plan that came to nothing."""
        if self.machine.plan is None:
            return []
        from cli.failed import failure_line
        idle = [f"kmodrun: --fail {rule}" for rule in self.machine.plan.idle()]
        return [f"{style.title('failed')}: {failure_line(failure)}" for failure in self.failures()] + idle

    def print_report(self, findings: list[dict[str, Any]]) -> None:
        """Print memory, failures and findings on stderr."""
        style, sources = Style(sys.stderr), Sources(self.directories)
        lines = ["", *memory_lines(report(self.machine.kernel.mm.books), style)]
        for finding in findings:
            lines += finding_lines(finding, sources, style)
        lines += self.failure_lines(style)
        lines += [f"kmodrun: unsupported: {gap}" for gap in self.unsupported]
        lines += [f"kmodrun: {note}" for note in self.notes]
        if not findings:
            lines.append(style.title("findings") + ": " + style.good("none"))
        print("\n".join(lines), file=sys.stderr)

    def print_json(self, findings: list[dict[str, Any]]) -> None:
        import json
        log = [{"level": r.level, "time": r.time, "text": r.text} for r in self.machine.dmesg()]
        json.dump({"modules": self.modules, "log": log, "findings": findings, "unsupported": self.unsupported,
                   "memory": report(self.machine.kernel.mm.books), "failures": self.failures()}, sys.stdout, indent=2)
        print()
