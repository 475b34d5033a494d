"""One run: a machine, what is printed while it runs, and the report and exit status at its end."""

import os
import sys
from argparse import Namespace
from pathlib import Path
from typing import Any

from cli.findings import Sources, finding_lines
from cli.main import CLEAN, FAULTY, UNSUPPORTED
from cli.modules import module_name
from cli.style import Style
from cli.summary import memory_lines
from runtime import Machine
from runtime.errors import InsmodError, Unsupported


class Session:
    """Loads and unloads on one machine; the log is printed after each step, everything else at the end."""

    def __init__(self, args: Namespace) -> None:
        self.args = args
        self.machine = Machine(arch=args.arch, memory=args.memory, cpus=args.cpus, nodes=args.nodes, seed=args.seed,
                               cmdline=args.cmdline, strict=args.strict)
        self.style = Style(sys.stdout)
        self.shown = 0
        self.modules: list[dict[str, Any]] = []
        self.loaded: list[str] = []
        self.failed = False
        self.unsupported: list[str] = []
        self.directories: list[Path] = []

    def __enter__(self) -> "Session":
        return self

    def __exit__(self, *problem: object) -> None:
        self.machine.close()

    def load(self, modules: list[Path], given: dict[str, dict[str, str]]) -> bool:
        """insmod each; the first that fails ends it. Return: whether all are loaded."""
        for path in modules:
            self.directories.append(path.parent)
            name = module_name(path.stem)
            row = {"name": name, "init": 0, "exit": False}
            self.modules.append(row)
            try:
                row["init"] = self.machine.insmod(str(path), **given[name]).init_result
                self.loaded.append(name)
            except InsmodError as problem:
                row["init"] = -(problem.errno or 0)
                self.complain(f"insmod {path}", problem)
            except Unsupported as gap:
                self.unsupported.append(str(gap))
            self.show_log()
            if name not in self.loaded:
                return False
        return True

    def unload(self) -> None:
        """rmmod all that is loaded, the last one first."""
        for name in reversed(self.loaded):
            try:
                self.machine.rmmod(name)
                next(row for row in self.modules if row["name"] == name)["exit"] = True
            except InsmodError as problem:
                self.complain(f"rmmod {name}", problem)
            except Unsupported as gap:
                self.unsupported.append(str(gap))
            self.show_log()

    def complain(self, what: str, problem: InsmodError) -> None:
        """Say what insmod or rmmod would say, and why where we know more than the errno."""
        self.failed = True
        errno = problem.errno or 0
        reason = f": {problem.strerror}" if problem.strerror else ""
        print(f"kmodrun: {what}: {os.strerror(errno)} (-{errno}){reason}", file=sys.stderr)

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
            return f"<{record.level}>{record.text}"
        stamp = self.style.mark("32", f"[{record.time:12.6f}]")
        return f"{stamp} {self.style.bad(record.text) if record.level <= 3 else record.text}"

    def show_proc(self, moment: str) -> None:
        for name in () if self.args.json else self.args.proc:
            print(self.style.title(f"==> /proc/{name}, {moment} <=="))
            print(self.machine.proc(name), end="")
        sys.stdout.flush()

    def report(self) -> int:
        """Print memory and findings on stderr, or the JSON object on stdout. Return: the exit status."""
        findings = [finding.as_dict() for finding in self.machine.findings]
        if self.args.json:
            self.print_json(findings)
        else:
            self.print_report(findings)
        if self.unsupported:
            return UNSUPPORTED
        return FAULTY if findings or self.failed else CLEAN

    def print_report(self, findings: list[dict[str, Any]]) -> None:
        style, sources = Style(sys.stderr), Sources(self.directories)
        lines = [style.dim("---"), *memory_lines(self.machine.memory_report(), style)]
        for finding in findings:
            lines += finding_lines(finding, sources, style)
        lines += [f"kmodrun: unsupported: {gap}" for gap in self.unsupported]
        if not findings:
            lines.append(style.title("findings") + ": " + style.good("none"))
        print("\n".join(lines), file=sys.stderr)

    def print_json(self, findings: list[dict[str, Any]]) -> None:
        import json
        log = [{"level": r.level, "time": r.time, "text": r.text} for r in self.machine.dmesg()]
        json.dump({"modules": self.modules, "log": log, "findings": findings, "unsupported": self.unsupported,
                   "memory": self.machine.memory_report()}, sys.stdout, indent=2)
        print()
