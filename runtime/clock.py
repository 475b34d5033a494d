"""Virtual time. It moves by work done and by sleeping, never by the wall clock, so that a run is the same each time.

Reading it is an event. A few reads in a row cost next to nothing, as on a real CPU; whoever keeps on reading without
doing anything else is waiting for time to pass, and the steps grow up to a tick, so that the wait ends.
"""

from runtime.undo import Undo, put_attribute

NSEC_PER_SEC = 1_000_000_000
_READ = 100  # ns for a read of the clock
_EVENT = 1_000  # ns for a kernel call that takes note of the time
_INITIAL_JIFFIES = -300  # seconds: the kernel lets jiffies wrap five minutes after boot


class Clock:
    """ns: since boot. hz: ticks a second."""

    def __init__(self, undo: Undo, hz: int) -> None:
        self._noted = undo.noted
        self.tick = NSEC_PER_SEC // hz
        self.hz = hz
        self.ns = 0
        self.spins = 0  # reads of jiffies in a row
        undo.adopt(self)

    def event(self) -> int:
        """Time moves by what a kernel call takes; the time since boot in ns."""
        if self.spins:
            self.spins = 0
        before = self.ns
        put_attribute(self, "ns", before + _EVENT)
        self._noted((put_attribute, self, "ns", before))
        return before + _EVENT

    def events(self, count: int) -> tuple[int, int]:
        """So many events in a row: (the time of the first, how many ns later each of the others comes)."""
        if self.spins:
            self.spins = 0
        ns = self.ns
        self.ns = ns + count * _EVENT
        return ns + _EVENT, _EVENT

    def read(self) -> int:
        """The time since boot in ns, as a call that only reads the clock sees it."""
        self.ns += _READ
        return self.ns

    def sleep(self, ns: int) -> None:
        """Let ns pass."""
        self.spins = 0
        self.ns += ns

    def sleep_ticks(self, ticks: int) -> None:
        """Let whole ticks pass, from the last one on: a timer fires at a tick."""
        self.sleep(self.tick - self.ns % self.tick + (ticks - 1) * self.tick if ticks > 0 else 0)

    def spin(self) -> int:
        """jiffies, read inline by the guest: the n-th read in a row moves time by 2**n times 100 ns, a tick at most."""
        self.spins += 1
        self.ns += min(_READ << min(self.spins, 32), self.tick)
        return self.jiffies

    @property
    def jiffies(self) -> int:
        """Ticks, counted from five minutes before zero (mod 2**64, the low 32 bits wrap early)."""
        return (_INITIAL_JIFFIES * self.hz & 0xFFFFFFFF) + self.ns // self.tick
