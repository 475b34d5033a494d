"""The same guest code at the same addresses, in the same RAM with the same page tables, on a Unicorn with no hook."""

from typing import Any

from unicorn import UC_ARCH_X86, UC_MODE_64, UC_PROT_ALL, Uc, x86_const

from runtime import Machine

CODE_BUFFER = 32 << 20
BROADWELL = 20
EFER = 0xC0000080
CONTROL = (x86_const.UC_X86_REG_CR3, x86_const.UC_X86_REG_CR4)


class Bare:
    """Runs functions of a module that is loaded on machine. They may call nothing but guest code."""

    def __init__(self, machine: Machine) -> None:
        kernel, ours = machine.kernel, machine._engine.uc
        self.uc = uc = Uc(UC_ARCH_X86, UC_MODE_64, BROADWELL)
        uc.ctl_set_tcg_buffer_size(CODE_BUFFER)
        uc.mem_map_ptr(0, kernel.ram.size, UC_PROT_ALL, kernel.ram.host)
        for register in CONTROL:
            uc.reg_write(register, ours.reg_read(register))
        uc.msr_write(EFER, ours.msr_read(EFER))
        uc.reg_write(x86_const.UC_X86_REG_CR0, ours.reg_read(x86_const.UC_X86_REG_CR0))
        uc.reg_write(x86_const.UC_X86_REG_GS_BASE, kernel.percpu.base(0))
        self.phys = kernel.mem.phys
        self.stack = kernel.current.stack_top - 64
        self.end = machine.loop.ret_pad

    def call(self, function: int, argument: int) -> int:
        """Call a function with one argument. Return: rax."""
        uc: Any = self.uc
        uc.mem_write(self.phys(self.stack), self.end.to_bytes(8, "little"))
        uc.reg_write(x86_const.UC_X86_REG_RSP, self.stack)
        uc.reg_write(x86_const.UC_X86_REG_RDI, argument)
        uc.emu_start(function, self.end)
        return int(uc.reg_read(x86_const.UC_X86_REG_RAX))
