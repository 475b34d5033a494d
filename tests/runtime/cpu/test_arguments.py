"""The arguments of a call, read by who is not called."""

from typing import Any

from runtime.c import VaList, bool_, char_p, int_, s8, size_t, u16, u32
from runtime.cpu.arguments import Arguments
from tests.runtime.tiny import TOP, Tiny


def narrow(k: Any, a: size_t, b: int_, c: u32, d: u16, e: s8, f: bool_, g: int_, h: size_t) -> None:
    """Two arguments on the stack."""


def variadic(k: Any, fmt: char_p, va: VaList) -> int_:
    return 0


def test_each_argument_is_cut_to_the_width_of_its_type(make: Any) -> None:
    guest: Tiny = make()
    registers = {"rdi": 0x1_0000_0005, "rsi": 0xABCD_FFFF_FFFE, "rdx": 0xABCD_FFFF_FFFE, "rcx": 0x5_1234, "r8": 0x1FF,
                 "r9": 0xABCD01}
    for name, value in registers.items():
        guest.set(**{name: value})
    guest.set(rsp=TOP - 64)
    guest.mem.put64(TOP - 56, 0xDEAD_0000_0007)
    guest.mem.put64(TOP - 48, 0xDEAD_0000_0008)
    read = Arguments(guest.engine, guest.mem, None, lambda value, mask: None).reader(narrow)
    assert read() == (0x1_0000_0005, -2, 0xFFFF_FFFE, 0x1234, -1, 1, 7, 0xDEAD_0000_0008)


def test_variadic_arguments_are_left_out(make: Any) -> None:
    guest: Tiny = make()
    guest.set(rdi=0x1234)
    arguments = Arguments(guest.engine, guest.mem, None, lambda value, mask: None)
    assert arguments.reader(variadic)() == (0x1234,)
    assert arguments.parameters(variadic) == ["fmt"]
