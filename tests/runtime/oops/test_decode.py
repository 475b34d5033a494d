"""The address of an operand, from the bytes of the instruction."""

import pytest

from runtime.arch import x86_64 as arch
from runtime.oops import Event, decode

VALUES = (*range(0x1000, 0x11000, 0x1000), 0xFFFFFFFFC0201000)


def event(code: str, **fields) -> Event:
    return Event("f+0x0/0x1", VALUES, instruction=bytes.fromhex(code), **fields)


@pytest.mark.parametrize(
    ("code", "address", "size"),
    [
        ("48 8b 00", VALUES[arch.RAX], 8),  # mov (%rax),%rax
        ("8b 40 18", VALUES[arch.RAX] + 0x18, 4),  # mov 0x18(%rax),%eax
        ("66 89 43 fe", VALUES[arch.RBX] - 2, 2),  # mov %ax,-2(%rbx)
        ("49 8b 04 cc", VALUES[arch.R12] + 8 * VALUES[arch.RCX], 8),  # mov (%r12,%rcx,8),%rax
        ("48 8b 04 25 00 00 00 80", 0xFFFFFFFF80000000, 8),  # mov 0xffffffff80000000,%rax
        ("48 8b 05 10 00 00 00", VALUES[arch.RIP] + 7 + 0x10, 8),  # mov 0x10(%rip),%rax
        ("67 8b 03", VALUES[arch.RBX], 4),  # mov (%ebx),%eax
        ("65 48 8b 04 25 28 00 00 00", 0xFFFF888000000028, 8),  # mov %gs:0x28,%rax
        ("ff e0", VALUES[arch.RAX], 4),  # jmp *%rax
        ("41 ff e3", VALUES[arch.R11], 4),  # jmp *%r11
    ],
)
def test_the_address_of_an_operand(code: str, address: int, size: int) -> None:
    assert decode.operand_address(event(code, gs=0xFFFF888000000000)) == (address, size)


@pytest.mark.parametrize("code", ["f3 a4", "c3", "90", "", "0f"])  # rep movsb, ret, nop, nothing, half an instruction
def test_instructions_without_an_operand_have_no_address(code: str) -> None:
    assert decode.operand_address(event(code)) is None
    assert decode.base(event(code)) is None


def test_the_base_is_the_pointer_that_the_code_had() -> None:
    assert decode.base(event("8b 40 18")) == VALUES[arch.RAX]
    assert decode.base(event("48 8b 04 25 00 00 00 80")) is None


@pytest.mark.parametrize(
    ("address", "size", "expected"),
    [
        (0x00007FFFFFFFFFF8, 8, False),
        (0x00007FFFFFFFFFF9, 8, True),
        (0x0000800000000000, 1, True),
        (0xDEAD000000000100, 8, True),
        (0xFFFF7FFFFFFFFFFF, 1, True),
        (0xFFFF800000000000, 8, False),
    ],
)
def test_non_canonical_is_what_touches_the_hole(address: int, size: int, expected: bool) -> None:
    assert decode.is_noncanonical(address, size) is expected


def test_the_register_of_an_8_byte_load() -> None:
    assert decode.loaded_register(event("48 8b 07")) == arch.RAX
    assert decode.loaded_register(event("4c 8b 3e")) == arch.R15
    assert decode.loaded_register(event("8b 07")) is None
    assert decode.loaded_register(event("48 89 07")) is None
