"""The processor, as the kernel sees it: where the guest is, who called, may it sleep.

There is one engine; it plays the CPU whose per-CPU area %gs points at. Interrupts are on or off in a flag of the
kernel's (interrupts), not in EFLAGS: paravirtualised modules ask for it through pv_ops.
"""

from collections.abc import Callable
from struct import Struct
from typing import Any

from runtime.arch import x86_64 as arch
from runtime.cpu.engine import Engine
from runtime.errors import GuestFault
from runtime.loader.unwind import AT_ENTRY, END, Frame, Rule, Steps, walk
from runtime.memory import Memory
from runtime.ram import Ram
from runtime.sched.task import Task
from runtime.units import PAGE_SIZE, Phys, Virt

EFLAGS_IF = 1 << 9
_PREEMPT_MASK = 0x7FFFFFFF  # the top bit of __preempt_count is the inverted need-resched flag
_IN_INTERRUPT, _IN_NMI = 0x00FFFF00, 0x00F00000
_JUMP, _JUMP_SIZE = b"\xe9", 5  # jmp rel32
_DEPTH = 64
_MOST_WALKS = 4096

Stack = tuple[int, ...]
_Walk = tuple[Callable[..., tuple[Any, ...]], Phys, tuple[Any, ...], Stack]


class Processor:
    """preempt_phys, flags_phys: where __preempt_count and the interrupt flag (as EFLAGS) of this CPU lie in RAM.

    rules: virt -> Rule, of the module that has it. continuation: the stub through which guest functions return to
    kernel functions.
    """

    def __init__(self, engine: Engine, ram: Ram, mem: Memory, rules: Callable[[Virt], Rule]) -> None:
        self.engine, self.r, self.ram, self.mem, self.rules = engine, engine.r, ram, mem, rules
        self.number = 0
        self.preempt_phys = self.flags_phys = self.flags_virt = 0
        self.readers_phys = 0  # where the task counts its RCU readers
        self._last_ips: list[int] = []
        self.continuation: Virt = 0
        self.steps = Steps(self._rule)
        self._words: dict[int, int] = {}  # the same in words of 8 bytes, in a plain dict: the fastest to read
        self.task: Task
        self._low = self._high = 0
        # Walks that were done: rsp -> (its slot, {what that held: (how to read all slots, from which phys on, what they
        # held, frames)}). Where they hold the same again, the walk would be the same.
        self._walks: dict[Virt, tuple[int, dict[int, _Walk]]] = {}
        self._nr_walks = 0
        self._jumps: dict[tuple[Virt, Virt], Virt] = {}  # (function, where it jumped to) -> end of the jump
        self._delta = 0  # what makes phys of an address in the task's stack
        self._deltas: dict[Virt, int] = {}  # the same of all stacks that were seen, by their lowest address
        self._pending: list[Any] = []  # the task's
        self.stack = self._make_stack()

    def _rule(self, virt: Virt) -> Rule:
        """The rule of a module's instruction; kernel functions are stubs, whose caller is on top of the stack."""
        if arch.KERNEL_TEXT <= virt < arch.KERNEL_DATA and virt != self.continuation - 1:
            return AT_ENTRY
        return self.rules(virt)

    def switch_to(self, task: Task) -> None:
        """Walk the stack of this task from now on."""
        self.task = task
        self._low, self._high = task.stack, task.stack_top - 8
        self._delta, self._pending = task.stack_phys - task.stack, task.pending
        if self._deltas.setdefault(task.stack, self._delta) != self._delta:  # of a task before: it had other pages
            self._deltas[task.stack] = self._delta
            self._forget_walks()

    def _make_stack(self) -> Callable[[], Stack]:
        """The walk that every allocation does: a look at the slots of a walk that was done before."""
        r, u64, mem, walks = self.r, self.ram.u64, self.ram.mem, self._walks

        def stack() -> Stack:
            """Return addresses of the guest's frames, innermost first, as of the trap that is running."""
            here = walks.get(r[4])
            if here is not None:
                walk = here[1].get(u64[here[0]])
                if walk is not None and walk[0](mem, walk[1]) == walk[2] and len(self._pending) < 2:
                    return walk[3]
            return self._new_walk()

        return stack

    def _new_walk(self) -> Stack:
        """The frames from the slot at rsp on: a look-up and a read a frame."""
        rsp = self.r[arch.RSP]
        if not self._low <= rsp < self._high or rsp & 7:
            return ()
        first, last = rsp + self._delta >> 3, self._high + self._delta >> 3
        u64, words, slot = self.ram.u64, self._words, first
        frames: list[int] = []
        add = frames.append
        while True:
            try:
                while step := words[ip := u64[slot]]:
                    add(ip)
                    slot += step
                    if step < 0:
                        return self._slow()
                break
            except KeyError:  # an address that was not seen before
                words[ip] = self.steps[ip] >> 3
                slot = first
                frames.clear()
            except IndexError:  # a broken stack leads out of RAM
                return tuple(frames)
        if slot > last:
            return self._slow()
        if len(self.task.pending) > 1:
            return self._beyond(frames) if ip == self.continuation else tuple(frames)
        return self._remember(rsp, first, frames) if frames else self._last_call()

    def _last_call(self) -> Stack:
        """The kernel function was not called, but jumped to: it is the last call of what the machine itself has called.

        The frame is that of the jump, or of the function's first byte where no jump is found.
        """
        fn, rip = self.task.started, self.r[arch.RIP]
        if not arch.KERNEL_TEXT <= rip < arch.KERNEL_DATA or rip == self.continuation or not self.task.pending:
            return ()
        if (fn, rip) not in self._jumps:
            self._jumps[fn, rip] = self._jump(fn, rip) or fn + 1
        return (self._jumps[fn, rip],)

    def _jump(self, fn: Virt, target: Virt) -> Virt:
        """The end of the function's jump to target; 0 where it has none."""
        try:
            code = self.mem.read(fn, PAGE_SIZE - fn % PAGE_SIZE)
        except GuestFault:
            return 0
        at = code.find(_JUMP)
        while 0 <= at < len(code) - _JUMP_SIZE:
            end = at + _JUMP_SIZE
            if fn + end + int.from_bytes(code[at + 1 : end], "little", signed=True) == target & arch.POINTER_MASK:
                return fn + end
            at = code.find(_JUMP, at + 1)
        return 0

    def _remember(self, rsp: Virt, first: int, frames: list[int]) -> Stack:
        """Note a walk from rsp on, whose last frame is followed by what is none. Return: its frames."""
        found, phys = tuple(frames), first << 3
        between = "".join([f"{(self._words[ip] << 3) - 8}xq" for ip in found])
        read = Struct(f"<q{between}").unpack_from  # signed: these are small numbers, and quick to make
        if self._nr_walks >= _MOST_WALKS:
            self._forget_walks()
        self._nr_walks += 1
        self._walks.setdefault(rsp, (first, {}))[1][found[0]] = read, phys, read(self.ram.mem, phys), found
        return found

    def _forget_walks(self) -> None:
        self._walks.clear()
        self._nr_walks = 0

    def forget_steps(self) -> None:
        """Other code lies at the addresses that were seen."""
        self.steps.clear()
        self._words.clear()
        self._forget_walks()
        self._jumps.clear()

    def _beyond(self, frames: list[int]) -> Stack:
        """A guest function that a kernel function called: go on with the guest that called the kernel function."""
        for _, _, rsp, mask in reversed(self.task.pending):
            if mask is None:
                break
            frames += self._walk(Frame(0, rsp, self.r[arch.RBP], True), entry=True)
        return tuple(frames)

    def _slow(self) -> Stack:
        """The same walk, for a stack with frames that need rbp."""
        frames = self._walk(Frame(0, self.r[arch.RSP], self.r[arch.RBP], True), entry=True)
        if self.continuation in self._last_ips and self.task.pending:
            return self._beyond(frames)
        return tuple(frames)

    def _walk(self, frame: Frame, entry: bool = False) -> list[int]:
        """Return addresses above a frame; entry: its rsp points to one."""
        first = [True]

        def find(virt: Virt) -> Rule:
            if entry and first[0]:
                first[0] = False
                return AT_ENTRY
            return self._rule(virt)

        found = [ip for ip, _ in walk(find, self._read, frame, _DEPTH)]
        self._last_ips = found[-1:]
        return [ip for ip in found if self._rule(ip - 1) != END and ip != self.continuation]

    def _read(self, virt: Virt) -> int:
        if not self._low - 0x1000 <= virt <= self._high:
            raise GuestFault(virt)
        return self.mem.u64(virt)

    def trace(self, nowhere: bool = False) -> list[int]:
        """Return addresses above the instruction at rip, for an exception there. nowhere: rip is no code at all, and
        was called just now.
        """
        r = self.r
        rip = r[arch.RIP]
        if arch.KERNEL_TEXT <= rip < arch.KERNEL_DATA and not nowhere:
            called = self.stack()  # but not the last call that is a jump, which leaves nothing on the stack
            if called and len(called) < _DEPTH and called[0] == self.ram.u64[r[arch.RSP] + self._delta >> 3]:
                return list(called)
        scratch = r[arch.RDX], r[arch.RDI], r[arch.R10], r[arch.R13]
        outside = nowhere or self._rule(rip) == END
        frames = self._walk(Frame(rip, r[arch.RSP], r[arch.RBP], True, scratch), entry=outside)
        if self.continuation in self._last_ips and self.task.pending:
            return list(self._beyond(frames))
        return frames

    @property
    def preempt_count(self) -> int:
        """Levels of preemption-off, soft and hard interrupts: __preempt_count without its need-resched bit."""
        return self.ram.u32[self.preempt_phys >> 2] & _PREEMPT_MASK

    @preempt_count.setter
    def preempt_count(self, value: int) -> None:
        self.ram.put32(self.preempt_phys, value & _PREEMPT_MASK | self.ram.u32[self.preempt_phys >> 2] & ~_PREEMPT_MASK)

    @property
    def interrupts(self) -> bool:
        """Are interrupts on?"""
        return bool(self.ram.u64[self.flags_phys >> 3] & EFLAGS_IF)

    @interrupts.setter
    def interrupts(self, on: bool) -> None:
        flags = self.ram.u64[self.flags_phys >> 3]
        self.ram.put64(self.flags_phys, flags | EFLAGS_IF if on else flags & ~EFLAGS_IF)

    @property
    def readers(self) -> int:
        """How many RCU readers the task has begun."""
        return self.ram.u32[self.readers_phys >> 2]

    @readers.setter
    def readers(self, count: int) -> None:
        self.ram.put32(self.readers_phys, count)

    def atomic_test(self) -> Callable[[], bool]:
        """A function that tells whether sleeping is forbidden; every allocation that may sleep asks it."""
        preempt, flags, readers = self.preempt_phys >> 2, self.flags_phys + 1, self.readers_phys >> 2
        u8, u32, i32 = self.ram.u8, self.ram.u32, self.ram.i32
        idle, enabled = ~_PREEMPT_MASK, EFLAGS_IF >> 8  # nothing but the top bit; in the second byte

        def in_atomic() -> bool:
            count = i32[preempt]
            return (count != idle and count & _PREEMPT_MASK != 0) or not u8[flags] & enabled or u32[readers] != 0

        return in_atomic

    def in_atomic(self) -> bool:
        """Is sleeping forbidden here: is preemption or are interrupts off, or is there an RCU reader?"""
        return bool(self.preempt_count) or not self.interrupts or self.ram.u32[self.readers_phys >> 2] != 0

    def in_interrupt(self) -> bool:
        """Hard or soft interrupt context, or bottom halves disabled."""
        return bool(self.preempt_count & _IN_INTERRUPT)

    def in_nmi(self) -> bool:
        """A non-maskable interrupt; or a preempt count that was lowered once too often, which looks the same."""
        return bool(self.preempt_count & _IN_NMI)

    @property
    def eflags(self) -> int:
        """The interrupt flag as local_irq_save() returns it."""
        return self.ram.u64[self.flags_phys >> 3]

    def registers(self) -> tuple[int, ...]:
        """All seventeen, in the architecture's order."""
        return tuple(self.r[index] for index in range(17))
