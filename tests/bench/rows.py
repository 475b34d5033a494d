"""What make bench measures. A guest operation: insmod of bench.ko with many of them, less insmod with none."""

import os
import subprocess
import sys
from collections import ChainMap
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from runtime import Machine
from runtime.c import const_void_p, unsigned_long, void_p
from runtime.errors import Call
from tests.bench.bare import Bare
from tests.bench.stock import trap_loop
from tests.bench.table import TRAP, Ratio, Row, Sample, timed
from toolchain import build

ROOT = Path(__file__).resolve().parents[2]
EMPTY, KMALLOC, PAGE, PAGES, PRINTK, LEAK = 1, 2, 3, 4, 5, 6
STOCK, OURS, BARE = "trap through the stock binding", "guest code, ours", "guest code, bare Unicorn"
RUN, IMPORT = "kmodrun run slab_test.ko, whole process", "python -c 'import unicorn'"
SPINS = 4_000_000  # at least 100 ms

RATIOS = (
    Ratio("stock binding / empty trap", STOCK, TRAP, at_least=15),
    Ratio("speed of guest code: bare / ours", BARE, OURS, at_least=0.95),
    Ratio("kmodrun run / import unicorn", RUN, IMPORT, at_most=2.5),
)


def iowrite8_rep(k: Any, addr: void_p, src: const_void_p, count: unsigned_long) -> unsigned_long:
    """As little as a kernel function can do: three arguments are read, a result is written."""
    return 0


class Guest:
    """A machine with bench.ko at hand."""

    def __init__(self) -> None:
        self.machine = Machine()
        self.module = build(ROOT / "tests/bench/bench.c").read_bytes()
        provider = self.machine.kernel.provider
        provider.functions = ChainMap({"iowrite8_rep": iowrite8_rep}, provider.functions)  # type: ignore[arg-type]

    def seconds(self, op: int, count: int) -> float:
        """insmod that does op so many times, and rmmod: the time of insmod."""
        taken = timed(partial(self.machine.insmod, self.module, op=op, count=count))
        self.machine.rmmod("bench")
        return taken

    def operation(self, op: int, count: int) -> Sample:
        return lambda: (self.seconds(op, count) - self.seconds(op, 0)) / count


def guest_code() -> list[Row]:
    """One function of one loaded module, in one RAM: run by the machine, and by a bare Unicorn. Both are warm."""
    guest = Guest()
    machine = guest.machine
    machine.insmod(guest.module)
    spin = address_of(machine, "spin")
    bare = Bare(machine)

    def ours(count: int) -> Any:
        return machine.loop.perform(lambda k, rax: Call(spin, count))

    assert ours(1000) == bare.call(spin, 1000)
    return [Row(OURS, lambda: timed(partial(ours, SPINS))), Row(BARE, lambda: timed(partial(bare.call, spin, SPINS)))]


def address_of(machine: Machine, function: str) -> int:
    """virt of a function of bench.ko."""
    module = machine.kernel.modules.loaded["bench"]
    places = module.section_virts
    return next(places[s[5]] + s[1] for s in module.elf.symbols if s[0] == function and s[5] in places)


def boots() -> list[Row]:
    """The price of memory: time and resident memory of a large machine, less those of a small one."""
    def seconds() -> float:
        return timed(partial(Machine, memory="64G")) - timed(partial(Machine, memory="256M"))

    def resident() -> float:
        return in_child(partial(Machine, memory="64G")) - in_child(partial(Machine, memory="256M"))

    return [Row("boot, 256 MiB", lambda: timed(partial(Machine, memory="256M"))),
            Row("boot, 64 GiB more than 256 MiB", seconds, limit=3e-3),
            Row("resident memory, 64 GiB more than 256 MiB", resident, unit="B", limit=8 << 20)]


def in_child(make: Callable[[], object]) -> int:
    """Bytes of resident memory that make() adds, measured in a process of its own."""
    reader, writer = os.pipe()
    child = os.fork()
    if not child:
        before = resident_bytes()
        made = make()
        os.write(writer, str(resident_bytes() - before).encode())
        os._exit(made is None)
    os.close(writer)
    with os.fdopen(reader) as pipe:
        grown = int(pipe.read())
    os.waitpid(child, 0)
    return grown


def resident_bytes() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def processes() -> list[Row]:
    ko = build(ROOT / "modules/lecture/slab_test.c")

    def process(*args: str) -> Sample:
        command = [sys.executable, *args]
        return lambda: timed(partial(subprocess.run, command, check=True, cwd=ROOT, capture_output=True))

    return [Row(RUN, process("-m", "cli", "run", str(ko))), Row(IMPORT, process("-c", "import unicorn"))]


def life() -> Row:
    """Load, init and exit of slab_test in a process that lives on, and has done so before."""
    machine, module = Machine(), build(ROOT / "modules/lecture/slab_test.c").read_bytes()

    def once() -> None:
        machine.insmod(module)
        machine.rmmod("slab_test")

    once()
    return Row("load, init and exit of slab_test", lambda: timed(once), limit=5e-3)


def rewinding(times: int = 500) -> Row:
    machine = Machine(rewindable=True)

    def marks() -> None:
        for _ in range(times):
            machine.rewind(machine.mark())

    return Row("mark and rewind of an idle machine", lambda: timed(marks, times), limit=25e-6)


def rows() -> list[Row]:
    """All rows, in the order in which they are printed."""
    guest, stock = Guest(), trap_loop()
    return [
        Row(TRAP, guest.operation(EMPTY, 40_000), limit=0.5e-6),
        Row(STOCK, lambda: timed(partial(stock, 3000), 3000)),
        Row("kmalloc(64) + kfree", guest.operation(KMALLOC, 8000), limit=3e-6, traps=12),
        Row("__get_free_pages(0) + free", guest.operation(PAGE, 6000), limit=4e-6),
        Row("__get_free_pages(3) + free", guest.operation(PAGES, 4000), limit=8e-6),
        Row("printk, three arguments", guest.operation(PRINTK, 3000), limit=6e-6),
        *guest_code(),
        *processes(),
        *boots(),
        life(),
        rewinding(),
    ]
