"""Kernel: all that a kernel function may touch. The machine makes one and fills in its parts, in order."""

from typing import TYPE_CHECKING

from runtime.mm.kvmalloc import kvfree, kvmalloc

if TYPE_CHECKING:
    from runtime.abi import Abi
    from runtime.check.alive import Alive
    from runtime.check.findings import Findings
    from runtime.check.resources import Resources
    from runtime.clock import Clock
    from runtime.cmdline import Cmdline
    from runtime.devices.core import Devices
    from runtime.image import KernelImage
    from runtime.insmod import Modules
    from runtime.memory import Memory
    from runtime.mm.context import Context
    from runtime.mm.node import Nodes
    from runtime.mm.page_alloc import PageAllocator
    from runtime.mm.percpu import PerCpu
    from runtime.mm.slab import SlabAllocator
    from runtime.mm.vmalloc import Vmalloc
    from runtime.paging import PageTables
    from runtime.places import Places
    from runtime.printk.format import Printf
    from runtime.printk.log import Log
    from runtime.processor import Processor
    from runtime.provide import Provider
    from runtime.ram import Ram
    from runtime.rng import Rng
    from runtime.sched.task import Task
    from runtime.symbols import Symbols
    from runtime.trouble import Trouble
    from runtime.undo import Undo


class Kernel:
    """The parts of the kernel, by the names that kernel functions use."""

    abi: "Abi"
    undo: "Undo"
    ram: "Ram"
    tables: "PageTables"
    mem: "Memory"
    image: "KernelImage"
    symbols: "Symbols"
    cmdline: "Cmdline"
    clock: "Clock"
    random: "Rng"
    cpu: "Processor"
    current: "Task"
    check: "Findings"
    alive: "Alive"
    resources: "Resources"
    devices: "Devices"
    trouble: "Trouble"
    modules: "Modules"
    provider: "Provider"
    places: "Places"

    # Memory management
    mm: "Context"
    nodes: "Nodes"
    pages: "PageAllocator"
    slab: "SlabAllocator"
    vmalloc: "Vmalloc"
    percpu: "PerCpu"

    tables_phys: int  # page tables lie from here on

    # Log
    log: "Log"
    printf: "Printf"

    def kvmalloc(self, size: int, gfp: int) -> int:
        """kmalloc(), and vmalloc() where that fails. Return: 0 on scarcity."""
        return kvmalloc(self.slab, self.vmalloc, size, gfp)

    def kvfree(self, virt: int) -> None:
        """Free what kvmalloc() gave."""
        kvfree(self.slab, self.vmalloc, virt)

    def code_changed(self) -> None:
        """Python wrote instructions: what was made of those that were there is forgotten, now and when they come back.

        Memory that a module leaves needs no such care: what comes there next is written by Python as well.
        """
        for forget in (self.cpu.engine.flush_code, self.cpu.forget_steps):
            forget()
            self.undo.note(forget)

    def printk(self, level: int, text: str) -> None:
        """Log a whole line."""
        self.log.lines(level, (text.encode(),))
