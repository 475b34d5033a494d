"""Instructions that must not run as they are: all of them are found, and nothing else is touched."""

import subprocess
import sys

import pytest

from runtime.loader.elf import Elf
from runtime.loader.text_scan import TRAP, scan

ALLOC, EXEC = 2, 4


def scanned(maker, *functions: str, section: str = ".text") -> dict[int, object]:
    """Scan functions given in hex; answers offset -> Patch."""
    text = b"".join(bytes.fromhex(f) for f in functions)
    index = maker.section(section, ALLOC | EXEC, text, align=16)
    at = 0
    for i, function in enumerate(functions):
        maker.symbol(f"f{i}", index, at, kind=2)
        at += len(bytes.fromhex(function))
    maker.tables()
    return {offset: patch for (_, offset), patch in scan(Elf(maker.bytes()), {index}).items()}


@pytest.mark.parametrize(
    ("code", "kind", "length", "register", "size"),
    [
        ("0f31", "rdtsc", 2, 0, 0),
        ("0f01f9", "rdtscp", 3, 0, 0),
        ("0fc7f0", "rdrand", 3, 0, 4),
        ("480fc7f3", "rdrand", 4, 3, 8),
        ("490fc7f1", "rdrand", 4, 9, 8),
        ("660fc7f2", "rdrand", 4, 2, 2),
        ("66410fc7f2", "rdrand", 5, 10, 2),
        ("480fc7f8", "rdseed", 4, 0, 8),
        ("c5f877", "vex", 3, 0, 0),
        ("c5fd6f07", "vex", 4, 0, 0),
        ("c4e27d5a07", "vex", 5, 0, 0),
    ],
)
def test_each_instruction_is_found_with_its_length_and_operand(maker, code, kind, length, register, size):
    found = scanned(maker, "90" + code + "c3")
    assert list(found) == [1]
    patch = found[1]
    assert (patch.kind, patch.length, patch.register, patch.size) == (kind, length, register, size)
    assert patch.original == bytes.fromhex(code)


@pytest.mark.parametrize(
    "code",
    [
        "4889c5",  # mov %rax,%rbp
        "b80f310000",  # mov $0x310f,%eax
        "488b840fc7f00000",  # mov 0xf0c7(%rdi,%rcx),%rax
        "c5f877"[2:] + "00",  # clc; ja
        "b8c5fd6f07",  # mov $0x76ffdc5,%eax
        "f30fc7f8",  # rdpid %rax
        "0fc708",  # cmpxchg8b (%rax)
        "0f0b",  # ud2
        "c4e2f8f2c0",  # andn: VEX-coded, but not a vector instruction
    ],
)
def test_the_same_bytes_inside_of_other_instructions_are_left_alone(maker, code):
    assert scanned(maker, "90" + code + "90" * 4 + "c3") == {}


def test_once_a_vector_instruction_is_found_all_of_them_are(maker):
    # The second one follows a byte that looks like an opcode with an operand.
    found = scanned(maker, "c5fd6f07c3", "c6808900000089c5fd6f07c3")
    assert [patch.kind for patch in found.values()] == ["vex", "vex"]


def test_sections_that_are_not_loaded_are_not_read(maker):
    index = maker.section(".text", ALLOC | EXEC, bytes.fromhex("0f31c3"))
    maker.symbol("f", index, kind=2)
    maker.tables()
    assert scan(Elf(maker.bytes()), ()) == {}


def test_the_trap_is_no_longer_than_any_of_them_and_not_the_one_of_bug():
    assert len(TRAP) == 2
    assert TRAP.hex() != "0f0b"


def test_the_disassembler_is_not_imported_for_a_module_without_suspects(maker, tmp_path):
    index = maker.section(".text", ALLOC | EXEC, bytes.fromhex("4889c5c3"))
    maker.symbol("f", index, kind=2)
    maker.tables()
    (tmp_path / "m.o").write_bytes(maker.bytes())
    program = (
        "import sys; from runtime.loader.elf import Elf; from runtime.loader.text_scan import scan;"
        f"assert scan(Elf(open({str(tmp_path / 'm.o')!r}, 'rb').read()), range(9)) == {{}};"
        "assert 'capstone' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
