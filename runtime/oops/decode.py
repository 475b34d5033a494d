"""Which address an instruction was about to use, where the CPU does not say.

A general protection fault leaves CR2 alone; capstone is imported when the first such fault is reported, not before.
Linux: arch/x86/kernel/traps.c, get_kernel_gp_address(); arch/x86/lib/insn-eval.c, insn_get_addr_ref(), 6.1
"""

from typing import Any

from runtime.arch import x86_64 as arch
from runtime.oops.event import Event
from runtime.units import Virt

_MASK = arch.POINTER_MASK
_decoder: Any = None


def instruction_at(code: bytes, at: Virt) -> Any:
    """The first instruction of code, or None."""
    global _decoder
    if _decoder is None:
        from capstone import CS_ARCH_X86, CS_MODE_64, Cs

        _decoder = Cs(CS_ARCH_X86, CS_MODE_64)
        _decoder.detail = True
    return next(_decoder.disasm(code, at, 1), None)


def operand_address(event: Event) -> tuple[Virt, int] | None:
    """(address, bytes) of the operand of event.instruction; None where it names none, as `rep movsb` does not.

    A register operand counts, as it does for Linux: `jmp *%rax` is about rax.
    """
    instruction = instruction_at(event.instruction, event.rip)
    if instruction is None or not instruction.encoding.modrm_offset:
        return None
    size = 8 if instruction.rex & 8 else 2 if instruction.prefix[2] == 0x66 else 4
    if instruction.modrm >> 6 == 3:
        return event.registers[instruction.modrm & 7 | (instruction.rex & 1) << 3], size
    return _effective(event, instruction), size


def _effective(event: Event, instruction: Any) -> Virt:
    """base + index * scale + displacement, in the segment."""
    memory, name = _memory(instruction), instruction.reg_name
    segment = {"fs": event.fs, "gs": event.gs}.get(name(memory.segment), 0)
    index = _value(event, name(memory.index), instruction) * memory.scale
    address: int = memory.disp + _value(event, name(memory.base), instruction) + index + segment
    return address & _MASK


def base(event: Event) -> Virt | None:
    """The base register's value in the memory operand of event.instruction: the pointer that the code had."""
    instruction = instruction_at(event.instruction, event.rip)
    if instruction is None or not instruction.encoding.modrm_offset or instruction.modrm >> 6 == 3:
        return None
    memory = _memory(instruction)
    return _value(event, instruction.reg_name(memory.base), instruction) if memory.base else None


def _memory(instruction: Any) -> Any:
    """The operand that lies in memory."""
    from capstone.x86_const import X86_OP_MEM

    return next(operand.mem for operand in instruction.operands if operand.type == X86_OP_MEM)


def _value(event: Event, name: str | None, instruction: Any) -> int:
    """The register's value; rip is the address of the next instruction."""
    if name in (None, "riz", "eiz"):
        return 0
    if name == "rip":
        return int(event.rip + instruction.size)
    if name in arch.REGISTERS:
        return event.registers[arch.REGISTERS.index(name)]
    wide = "r" + name[1:] if name is not None and name[0] == "e" else str(name).removesuffix("d")
    return event.registers[arch.REGISTERS.index(wide)] & 0xFFFFFFFF


def is_noncanonical(address: Virt, size: int) -> bool:
    """Does any of the size bytes at address lie in the hole between user and kernel half?"""
    return address < 0xFFFF800000000000 and address + size - 1 > 0x00007FFFFFFFFFFF


def loaded_register(event: Event) -> int | None:
    """The number (arch.REGISTERS) of the register that event.instruction loads 8 bytes into; None for anything else."""
    instruction = instruction_at(event.instruction, event.rip)
    if instruction is None or instruction.opcode[0] != 0x8B or not instruction.rex & 8 or instruction.modrm >> 6 == 3:
        return None
    return int(instruction.modrm >> 3 & 7 | (instruction.rex & 4) << 1)
