"""Where the engine keeps its registers.

Unicorn 2.1 holds the sixteen general registers and rip side by side inside its CPU structure. A memoryview on that
place reads a register in 25 ns; the API takes 400. The place is found by writing values through the API and searching
for them, and checked both ways; where it is not found (another Unicorn), the same indexes go through the API.
"""

import ctypes
import os
import struct
from typing import Any

from unicorn import x86_const as x86
from unicorn.unicorn_py3.unicorn import Uc

from runtime.arch.x86_64 import REGISTERS, RIP

IDS = [getattr(x86, f"UC_X86_REG_{name.upper()}") for name in REGISTERS]
STATE_SIZE = 5568  # bytes of the CPU structure that a context switch has to keep, from the first register on
_SEARCH = 0x20000
_FLIGHT_WITHIN = 0x1800  # the part of the state where "exception in flight" is looked for

_UNSET = b"\xff\xff\xff\xff"
_ERROR = 0x1508  # of the error code in the CPU state of Unicorn 2.1.4
_flight: list[int] = []  # offsets of "exception in flight" in the CPU state, learnt at the first one of the process
_KNOWN = 0x1B8, 0x8A50  # Unicorn 2.1.4 on x86-64; looked at first, and believed only if the registers are there
# Offsets of (pointer to the CPU in the engine, registers in the CPU), learnt once per process.
_found: tuple[int, int] | None = None
_searched = False
# What has to be kept by hand where the whole CPU state is exchanged.
_KEPT = [
    *IDS, x86.UC_X86_REG_EFLAGS, x86.UC_X86_REG_GS_BASE, x86.UC_X86_REG_FS_BASE, x86.UC_X86_REG_CR2,
    *(x86.UC_X86_REG_XMM0 + number for number in range(16)),
]  # fmt: skip


def _search(uc: Uc) -> tuple[int, int] | None:
    """Find the registers of this engine by their values."""
    magic = [0xA5C3_0000_0000_0000 + 0x9E37_79B9_7F4A * (i + 1) for i in range(16)]
    old = [uc.reg_read(register) for register in IDS[:16]]
    for register, value in zip(IDS[:16], magic, strict=True):
        uc.reg_write(register, value)
    pattern = struct.pack("<16Q", *magic)
    found = _KNOWN if _looks_right(uc, pattern) else None
    with open("/proc/self/mem", "rb", buffering=0) as memory:
        engine = _peek(memory.fileno(), _handle(uc), 0x1000)
        for offset in range(0, len(engine), 8) if found is None else ():
            pointer = int.from_bytes(engine[offset : offset + 8], "little")
            if 0x10000 < pointer < 1 << 47 and not pointer & 7:
                at = _peek(memory.fileno(), pointer, _SEARCH).find(pattern)
                if at >= 0:
                    found = offset, at
                    break
    for register, value in zip(IDS[:16], old, strict=True):
        uc.reg_write(register, value)
    return found


def _handle(uc: Uc) -> int:
    """Host address of the engine."""
    return uc._uch.value or 0


def _looks_right(uc: Uc, pattern: bytes) -> bool:
    """Are the registers at the known place? Memory that may not be ours is read through the kernel, which says no."""
    with open("/proc/self/mem", "rb", buffering=0) as memory:
        pointer = int.from_bytes(_peek(memory.fileno(), _handle(uc) + _KNOWN[0], 0x1000)[:8], "little")
        return _peek(memory.fileno(), pointer + _KNOWN[1], 0x1000).startswith(pattern)


def _peek(fd: int, address: int, size: int) -> bytes:
    while size >= 0x1000:
        try:
            return os.pread(fd, size, address)
        except (OSError, OverflowError):
            size //= 2
    return b""


class SlowRegisters:
    """The same indexes through the API, for an engine whose register file was not found."""

    def __init__(self, uc: Uc, mask: int = (1 << 64) - 1, scale: int = 1, signed: bool = False) -> None:
        self.uc, self.mask, self.scale, self.signed = uc, mask, scale, signed

    def __getitem__(self, index: int) -> int:
        value = int(self.uc.reg_read(IDS[index // self.scale])) & self.mask
        return value - self.mask - 1 if self.signed and value > self.mask >> 1 else value

    def __setitem__(self, index: int, value: int) -> None:
        self.uc.reg_write(IDS[index // self.scale], value & (1 << 64) - 1)


class Registers:
    """r[i], by the indexes of the architecture, 64 bits.

    d and i: the low 32 bits of register n at [2 * n], unsigned and signed.
    """

    def __init__(self, uc: Uc) -> None:
        global _found, _searched
        self.uc = uc
        uc.reg_read(x86.UC_X86_REG_RAX)  # the engine makes its CPU on the first access
        self.state = 0  # host address of the CPU state; 0 where it was not found
        if not _searched:
            _found, _searched = _search(uc), True
        if _found is not None:
            self.state = ctypes.c_uint64.from_address(_handle(uc) + _found[0]).value + _found[1]
            raw = memoryview((ctypes.c_uint64 * len(REGISTERS)).from_address(self.state)).cast("B")
            self.r, self.d, self.i = raw.cast("Q"), raw.cast("I"), raw.cast("i")
            if not self._agrees(uc):
                self.state = 0
        if not self.state:
            self.r = SlowRegisters(uc)  # type: ignore[assignment]
            self.d = SlowRegisters(uc, 0xFFFFFFFF, 2)  # type: ignore[assignment]
            self.i = SlowRegisters(uc, 0xFFFFFFFF, 2, signed=True)  # type: ignore[assignment]

    def _agrees(self, uc: Uc) -> bool:
        """Do view and API show the same registers, whichever of them is written?"""
        for index in (0, 4, 15, RIP):
            old = self.r[index]
            self.r[index] = 0x1234_5678_0000 + index
            seen = uc.reg_read(IDS[index])
            self.r[index] = old
            if seen != 0x1234_5678_0000 + index:
                return False
        return True

    def remember(self) -> None:
        """Keep what the CPU state is like while no exception is in flight."""
        self._clean: Any = ctypes.string_at(self.state, _FLIGHT_WITHIN) if self.state else self.uc.context_save()

    def clear_exception(self, vector: int) -> None:
        """Tell the engine that the exception it reported has been dealt with.

        It does not clear that itself, and takes the next page fault for a double fault.
        """
        if not self.state:
            kept = [(register, self.uc.reg_read(register)) for register in _KEPT]
            self.uc.context_restore(self._clean)
            for register, value in kept:
                self.uc.reg_write(register, value)
            return
        if not _flight:
            now, wanted = ctypes.string_at(self.state, _FLIGHT_WITHIN), vector.to_bytes(4, "little")
            same = (at for at in range(STATE_SIZE - 512, _FLIGHT_WITHIN, 4) if now[at : at + 4] == wanted)
            _flight.extend(at for at in same if self._clean[at : at + 4] == _UNSET)
        for at in _flight:
            ctypes.memmove(self.state + at, _UNSET, 4)

    @property
    def error_code(self) -> int:
        """The error code of the last page fault; 0 where it is not known where that lies."""
        if not self.state or _found != _KNOWN:
            return 0
        code = ctypes.c_uint32.from_address(self.state + _ERROR).value
        return code if code < 0x20 else 0
