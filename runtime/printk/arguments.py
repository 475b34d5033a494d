"""The arguments of a format: where printf takes the next one from.

The call that is trapping brings its own list. A va_list in guest memory (struct va_format, the v... functions) is read
here.
Layout: System V psABI for x86-64, 3.5.7: gp_offset, fp_offset, overflow_arg_area, reg_save_area.
"""

from typing import Protocol

from runtime.memory import Memory
from runtime.units import Virt

_REGISTERS = 48  # bytes of the register save area that hold integers


class Arguments(Protocol):
    """u64() takes the next argument; narrower types are its low bits."""

    def u64(self) -> int: ...


class CopiedArguments:
    """A copy of the va_list at virt; store() moves the guest's own list to where this copy has got."""

    __slots__ = ("_mem", "_offset", "_overflow", "_save", "_virt")

    def __init__(self, mem: Memory, virt: Virt) -> None:
        self._mem, self._virt = mem, virt
        self._offset, self._overflow, self._save = mem.u32(virt), mem.u64(virt + 8), mem.u64(virt + 16)

    def u64(self) -> int:
        """The next argument."""
        at = self._offset
        if at < _REGISTERS:
            self._offset = at + 8
            return self._mem.u64(self._save + at)
        self._overflow += 8
        return self._mem.u64(self._overflow - 8)

    def store(self) -> None:
        """The callee of a va_list has taken these arguments."""
        self._mem.put32(self._virt, self._offset)
        self._mem.put64(self._virt + 8, self._overflow)


class Values:
    """Arguments that the kernel itself passes: numbers, pointers."""

    __slots__ = ("_next",)

    def __init__(self, *values: int) -> None:
        self._next = iter(values).__next__

    def u64(self) -> int:
        """The next one. Raises: StopIteration where the format asks for more than there are."""
        return self._next() & 0xFFFFFFFFFFFFFFFF
