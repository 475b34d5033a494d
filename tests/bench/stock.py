"""What one would write without this project: Unicorn through its own Python binding.

The hook does what an empty trap does: it reads three arguments and writes a result.
"""

from collections.abc import Callable
from typing import Any

from unicorn import UC_ARCH_X86, UC_HOOK_CODE, UC_MODE_64, Uc, x86_const

CODE, STUB, STACK = 0x1000, 0x2000, 0x8000
#        mov ecx, N | 1: call STUB | dec ecx | jnz 1b | hlt
LOOP = "b9 {count} e8 {call} ff c9 75 f7 f4"


def trap_loop() -> Callable[[int], None]:
    """A guest loop that calls a stub: the hook reads three arguments and writes a result through the binding."""
    uc = Uc(UC_ARCH_X86, UC_MODE_64)
    uc.mem_map(0, 0x10000)
    uc.mem_write(STUB, b"\xc3")
    arguments = (x86_const.UC_X86_REG_RDI, x86_const.UC_X86_REG_RSI, x86_const.UC_X86_REG_RDX)

    def hook(engine: Any, address: int, size: int, data: object) -> None:
        for register in arguments:
            engine.reg_read(register)
        engine.reg_write(x86_const.UC_X86_REG_RAX, 0)

    uc.hook_add(UC_HOOK_CODE, hook, begin=STUB, end=STUB)

    def run(count: int) -> None:
        call = (STUB - (CODE + 10)).to_bytes(4, "little", signed=True).hex()
        code = bytes.fromhex(LOOP.format(count=count.to_bytes(4, "little").hex(), call=call))
        uc.mem_write(CODE, code)
        uc.ctl_remove_cache(CODE, CODE + len(code))
        uc.reg_write(x86_const.UC_X86_REG_RSP, STACK)
        uc.emu_start(CODE, CODE + len(code) - 1)

    return run
