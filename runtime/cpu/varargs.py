"""The variadic arguments of a call, taken one by one: from registers and stack, or from a va_list in guest memory."""

from typing import Any

from runtime.arch import x86_64 as arch
from runtime.memory import Memory


class _Taker:
    """Takes 64-bit words; narrower types are their low bits."""

    __slots__ = ()

    def u64(self) -> int:
        raise TypeError("a list of arguments has to say where the next one lies")

    def i64(self) -> int:
        return (self.u64() ^ 1 << 63) - (1 << 63)

    def u32(self) -> int:
        return self.u64() & 0xFFFFFFFF

    def i32(self) -> int:
        return (self.u64() & 0xFFFFFFFF ^ 0x80000000) - 0x80000000


_REGISTERS = arch.ARGUMENTS
_IN_REGISTERS = len(_REGISTERS)


class RegisterVarArgs(_Taker):
    """Arguments of the call that is trapping, from number `next` on: the remaining registers, then the stack."""

    __slots__ = ("_mem", "_r", "next")

    def __init__(self, r: Any, mem: Memory, fixed: int) -> None:
        self._r, self._mem, self.next = r, mem, fixed

    def u64(self) -> int:
        index = self.next
        self.next = index + 1
        if index < _IN_REGISTERS:
            return self._r[_REGISTERS[index]]  # type: ignore[no-any-return]
        return self._mem.u64(self._r[arch.RSP] + 8 * (index - 5))


class MemoryVarArgs(_Taker):
    """A va_list, as the x86-64 psABI lays it out; taking an argument moves the guest's own list on."""

    __slots__ = ("_mem", "_virt")

    def __init__(self, mem: Memory, virt: int) -> None:
        self._mem, self._virt = mem, virt

    def u64(self) -> int:
        """The next argument: from the registers' copies, then from the stack."""
        mem, virt = self._mem, self._virt
        gp_offset = mem.u32(virt)
        if gp_offset < 48:
            mem.put32(virt, gp_offset + 8)
            return mem.u64(mem.u64(virt + 16) + gp_offset)
        overflow = mem.u64(virt + 8)
        mem.put64(virt + 8, overflow + 8)
        return mem.u64(overflow)
