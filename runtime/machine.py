"""Machine: an emulated computer that runs Linux kernel modules. This is what users import.

with Machine(memory="256M") as m:
    m.insmod("slab_test.ko", debug=1)      # OSError with the errno that insmod would give
    print(m.dmesg())
    m.rmmod("slab_test")
    assert not m.findings
"""

from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import kapi
from runtime.boot import Config, boot
from runtime.check.alive import Alive
from runtime.check.findings import Finding, Findings
from runtime.cpu.engine import Engine
from runtime.cpu.loop import Loop, Suspected
from runtime.cpu.traps import Binder
from runtime.errors import InsmodError, KernelPanic, Killed, Unsupported, Usage
from runtime.insmod import Modules, insmod, rmmod
from runtime.loader.module import LoadedModule
from runtime.mm.fill import Fill
from runtime.oops import Health, taint
from runtime.places import Places
from runtime.printk.format import Printf
from runtime.printk.log import Log, Record
from runtime.proc import PROC
from runtime.processor import Processor
from runtime.provide import Provider
from runtime.sched.task import make_task, rename
from runtime.snapshot import Snapshots
from runtime.trouble import Trouble
from runtime.units import parse_size

if TYPE_CHECKING:
    from runtime.coverage.recording import Blocks
    from runtime.inject.plan import Plan

BLOCKS = 100_000_000  # what one insmod or rmmod may run where nobody says: about two seconds


class Machine:
    """One computer.

    memory: 16M to 64G. cpus: number of per-CPU areas; one CPU runs. seed: everything random follows from it. cmdline:
    of the kernel. strict: refuse modules whose symbol checksums differ, as Linux does. rewindable: mark() and rewind()
    work (slower by a third). tally: count what is allocated, by kind (check/tally.py), where it is not rewindable.
    blocks: how many basic blocks one insmod or rmmod may run before it is called a hang; counting them takes a fifth of
    the guest's speed, so that without this number only what takes a second is run again and counted. fences, fill:
    checking modes, see Config. fail: what is made to fail, as --fail says it: "kmalloc nth=3", or several of these.
    coverage: record what code of the modules runs, for coverage(); blocks are counted then.

    Raises: Usage for a machine that cannot be built.
    """

    def __init__(
        self, memory: int | str = "256M", cpus: int = 2, *, nodes: int = 1, seed: int = 0, cmdline: str = "",
        strict: bool = False, rewindable: bool = False, tally: bool = False, arch: str = "x86_64",
        blocks: int | None = None, fences: str = "", fill: int | None = None, fail: str | Iterable[str] = (),
        coverage: bool = False,
    ) -> None:  # fmt: skip
        if arch != "x86_64":
            raise Unsupported(f"architecture {arch}: only x86_64 is emulated")
        self.config = Config(memory, cpus, nodes, seed, cmdline, strict, rewindable, tally, fences, fill)
        if blocks is not None and blocks < 1:
            raise Usage(f"{blocks} blocks: a module needs at least one")
        self._blocks = blocks or BLOCKS
        self._fail = (fail,) if isinstance(fail, str) else tuple(fail)
        self._coverage = coverage
        self._history: list[tuple[Any, str, tuple[Any, ...]]] = []
        self._start(counted=rewindable or coverage or blocks is not None)

    def _start(self, counted: bool) -> None:
        """Boot. counted: with a block budget, which decides what a watchdog only suspects."""
        k = self.kernel = boot(self.config)
        image = k.image
        first = image.stubs.first
        self._engine = engine = Engine(
            k.ram, k.tables, (first, image.stubs.end - 1), blocks=self._blocks if counted else 0,
            edges=self._coverage,
        )
        self.loop = loop = Loop(engine, k.mem, k, image.stubs.table)
        binder = Binder(engine, k.mem, k, loop.step)
        k.provider = Provider(k, binder.bind, kapi.functions, kapi.data, kapi.code, kapi.from_boot)
        k.modules = Modules(k, self.config.strict)
        k.symbols.in_modules = k.modules.lookup
        k.places = Places(k)
        k.cpu = Processor(engine, k.ram, k.mem, k.modules.rule)
        k.trouble = loop.handler = Trouble(k, Health(k.undo, lambda pointer: f"{k.printf.hashed(pointer):016x}"))
        k.trouble.health.panic_on_oops = k.cmdline.get("oops") == "panic"
        k.trouble.health.panic_on_warn = "panic_on_warn" in k.cmdline
        k.log = Log(k.undo, k.clock, self._caller, parse_size(k.cmdline.get("log_buf_len") or "128K"))
        key = k.random.getrandbits(64), k.random.getrandbits(64)
        k.printf = Printf(k.mem, k.abi, k.symbols.lookup, key, k.trouble.warn, not k.mm.no_hash_pointers)
        k.check = Findings(k.undo, k.cpu.stack, k.modules.owner_name, lambda: len(k.places.known))
        k.alive = Alive(k.mm.books, k.undo, k.pages.virt)
        self._pads()
        self._first_task()
        self._hooks()
        if self.config.fill is not None:
            k.slab.fill_from_now(Fill(k.ram, self.config.fill))
        self.snapshots = Snapshots(k.ram, k.tables, k.tables_phys)
        if self._fail:
            from runtime.witness import plan
            k.mm.plan = plan(k, self._fail, kapi.functions)
        if self._coverage:
            from runtime.coverage.recording import Recording
            self.recording = Recording(engine, k.modules)
            self.recording.start()

    def _pads(self) -> None:
        """The addresses that the loop needs: where a call returns to, a bare ret, and where the guest waits to be
        stopped.
        """
        k, loop = self.kernel, self.loop
        loop.continuation = k.cpu.continuation = k.image.function("kmodrun_continue", loop.continue_)
        loop.ret_pad = k.image.code("kmodrun_ret", b"\xc3")
        loop.idle_pad = k.image.code("kmodrun_idle", b"\xeb\xfe")

    def _caller(self) -> int:
        """Who logs: the task, or the CPU in an interrupt."""
        k = self.kernel
        return k.cpu.number | 1 << 31 if k.cpu.in_interrupt() else k.current.pid

    def _first_task(self) -> None:
        k = self.kernel
        k.cpu.flags_virt = k.image.variable("kmodrun_eflags", 8)
        k.cpu.flags_phys = k.image.to_phys(k.cpu.flags_virt)
        k.ram.put64(k.cpu.flags_phys, 0x246)
        k.current = self.loop.task = make_task(k, 1, "insmod")
        k.cpu.switch_to(k.current)
        self._engine.set_gs_base(k.percpu.base(0))
        k.cpu.preempt_phys = k.mem.phys(k.percpu.base(0) + k.provider.address("__preempt_count"))
        k.cpu.readers_phys = k.mem.phys(k.current.struct + k.abi.offset("task_struct", "rcu_read_lock_nesting"))

    def _hooks(self) -> None:
        """Give the allocators what they ask of the machine."""
        k, ctx = self.kernel, self.kernel.mm
        ctx.stack, ctx.in_atomic, ctx.finding = k.cpu.stack, k.cpu.atomic_test(), k.check.finding
        ctx.in_interrupt, ctx.in_nmi, ctx.printk = k.cpu.in_interrupt, k.cpu.in_nmi, k.printk
        ctx.dump_stack, ctx.print_modules = k.trouble.dump_stack, k.trouble.print_modules
        ctx.oom_kill, ctx.fatal_signal_pending = k.trouble.oom_kill, lambda: k.current.dying
        ctx.warn, ctx.jiffies = k.trouble.warn_at, lambda: k.clock.jiffies
        ctx.tainted, ctx.taint = lambda: taint.text(k.trouble.health.taint), lambda letter: k.trouble.add_taint(letter)
        ctx.comm, ctx.pid = lambda: k.current.comm, lambda: k.current.pid
        ctx.symbol, ctx.hashed = k.symbols.describe, lambda pointer: f"{k.printf.hashed(pointer):016x}"

    def close(self) -> None:
        """Give everything back. The machine cannot be used afterwards."""
        self.kernel = self.loop = self._engine = None  # type: ignore[assignment]

    def __enter__(self) -> "Machine":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _perform(self, action: Any, comm: str, *data: Any) -> Any:
        """Run an action as a process of its own.

        If the watchdog suspects a hang, all is run again on a machine that counts.
        """
        k = self.kernel
        if k.trouble.health.panicked:
            raise KernelPanic(f"the kernel has panicked: {k.trouble.health.panicked}")
        if self._engine.budget is None:
            self._history.append((action, comm, data))
        rename(k, k.current, k.current.pid + 1, comm)
        try:
            return self.loop.perform(action, *data)
        except Suspected:
            return self._again()
        finally:
            k.current.pending.clear()

    def _again(self) -> Any:
        history, self._history = self._history, []
        self._start(counted=True)
        for action, comm, data in history[:-1]:
            with suppress(InsmodError, Killed, KernelPanic, Unsupported):
                self._perform(action, comm, *data)
        action, comm, data = history[-1]
        return self._perform(action, comm, *data)

    def insmod(self, module: str | Path | bytes, arguments: str = "", /, **parameters: Any) -> "Module":
        """Load a module: a .ko file, or its bytes. Parameters as insmod takes them, as one string or by name.

        Raises: InsmodError (an OSError) with the errno of insmod; Killed where init oopsed; KernelPanic; Unsupported.
        """
        data = module if isinstance(module, bytes) else Path(module).read_bytes()
        arguments = " ".join(
            [*arguments.split("\0")[:1], *(f"{name}={_quoted(value)}" for name, value in parameters.items())]
        ).strip(" ")
        loaded = self._perform(insmod, "insmod", data, arguments)
        if isinstance(loaded, InsmodError):
            raise loaded
        return Module(self, loaded.name)

    def rmmod(self, name: str) -> None:
        """Remove a module. Raises: as insmod()."""
        self._perform(rmmod, "rmmod", name)

    def dmesg(self) -> list[Record]:
        """The kernel log: records with .level, .time (seconds since boot) and .text."""
        return [record._replace(time=record.time / 1e9) for record in self.kernel.log.read()]

    @property
    def plan(self) -> "Plan | None":
        """What is made to fail, and what has been so far (.failures); None where nothing is."""
        plan: Plan | None = self.kernel.mm.plan if self._fail else None  # type: ignore[assignment]
        return plan

    @property
    def findings(self) -> list[Finding]:
        """What the modules did wrong, in the order in which it was found."""
        return self.kernel.check.all

    def proc(self, name: str) -> str:
        """The text of /proc/NAME. Raises: Unsupported for one that this machine does not have."""
        if name not in PROC:
            raise Unsupported(f"/proc/{name}: there is only {', '.join(sorted(PROC))}")
        return PROC[name](self.kernel)

    def frames(self, addresses: Iterable[int], back: int = 1, known: int | None = None) -> list[dict[str, Any]]:
        """Symbol, offset, module, file and line of the addresses in a finding; back: 0 for its pc, which is exact."""
        return self.kernel.places.frames(addresses, back, known)

    def coverage(self, normal: "Blocks | None" = None, sweep: "Blocks" = frozenset()) -> dict[str, Any]:
        """Which lines, branches and functions of the modules have run (coverage/measure.py). Needs coverage=True.

        normal, sweep: two sets of blocks that recording.take() gave; normal: all since the last take, where not given.
        """
        if not self._coverage:
            raise Usage("nothing was recorded: coverage is known of a Machine(coverage=True)")
        from runtime.coverage.measure import coverage
        return coverage(self.recording.modules, self.recording.look() if normal is None else normal, sweep)

    @property
    def warnings(self) -> list[str]:
        """What the user should know of the modules that were loaded, a line each (symbol checksums that differ)."""
        return [line for module in self.kernel.places.known for line in module.warnings]

    def mark(self) -> Any:
        """Remember the whole machine as it is, at rest or at a trap. Needs rewindable=True."""
        k = self.kernel
        log = len(k.undo.log)
        if log > k.alive.position + k.alive.OLD:
            k.alive.sync()  # the machine may be taken back here many times: what is known should not be too old
        return log, self.snapshots.mark(), self._engine.save(), self.loop.traps[0]

    def rewind(self, mark: Any) -> None:
        """Take the whole machine back to a mark, which can be used again."""
        k = self.kernel
        log, ram, processor, self.loop.traps[0] = mark
        self.snapshots.rewind(ram)
        k.undo.rewind(log)
        if k.alive.position > log:
            k.alive.rewind(log)
        self._engine.restore(processor)


class Module:
    """A module that is loaded. name, init_result, and its parameters by getattr-free lookup: parameter('debug')."""

    def __init__(self, machine: Machine, name: str) -> None:
        self._machine, self.name = machine, name
        self.init_result = 0

    @property
    def loaded(self) -> LoadedModule:
        """What the loader knows of it. Raises: KeyError when it is gone."""
        return self._machine.kernel.modules.loaded[self.name]


def _quoted(value: Any) -> str:
    """A parameter's value as one word of insmod's argument string."""
    if isinstance(value, bool):
        return "Y" if value else "N"
    if isinstance(value, (list, tuple)):
        return ",".join(map(_quoted, value))
    text = str(value)
    return f'"{text}"' if any(c.isspace() for c in text) and not text.startswith('"') else text
