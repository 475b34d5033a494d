"""What the CPUID instruction says of the processor that is emulated: asked from the engine itself, on a machine of one
page.
"""

from functools import cache

from unicorn.unicorn_const import UC_ARCH_X86, UC_MODE_64
from unicorn.unicorn_py3.unicorn import Uc
from unicorn.x86_const import UC_X86_REG_RAX, UC_X86_REG_RBX, UC_X86_REG_RCX, UC_X86_REG_RDX

_CPUID = b"\x0f\xa2"
_RESULT = (UC_X86_REG_RAX, UC_X86_REG_RBX, UC_X86_REG_RCX, UC_X86_REG_RDX)


@cache
def cpuid(model: int, leaf: int, subleaf: int = 0) -> tuple[int, int, int, int]:
    """(eax, ebx, ecx, edx) of a leaf."""
    uc = Uc(UC_ARCH_X86, UC_MODE_64, model)
    uc.mem_map(0, 4096)
    uc.mem_write(0, _CPUID)
    uc.reg_write(UC_X86_REG_RAX, leaf)
    uc.reg_write(UC_X86_REG_RCX, subleaf)
    uc.emu_start(0, len(_CPUID))
    eax, ebx, ecx, edx = (uc.reg_read(register) & 0xFFFFFFFF for register in _RESULT)
    return eax, ebx, ecx, edx
