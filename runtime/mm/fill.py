"""What memory holds that is handed out and that nobody has defined. The default machine is Debian's: it reads as zero.

With a fill (Context.fill) it holds a pattern instead, at the same addresses, so that a run tells whether a module reads
what it has not written. Memory that is promised to be clear (__GFP_ZERO, alloc_percpu(), a module's .bss), what a
constructor has made of an object, and what the kernel keeps for itself are defined, and stay as they are.
"""

from runtime.ram import Ram
from runtime.units import Phys


class Fill:
    """One byte everywhere."""

    def __init__(self, ram: Ram, byte: int) -> None:
        self.ram, self.byte = ram, byte

    def handed_out(self, phys: Phys, size: int, clear: bool) -> None:
        """Somebody gets size bytes at phys that nobody has defined. clear: Debian's kernel would clear them."""
        self.ram.fill(phys, size, self.byte)
