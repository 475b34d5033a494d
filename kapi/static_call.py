"""static_call.h: calls whose target can be changed. Each goes to a trampoline in text that jumps to the target: code
here runs as it was compiled, and only the trampoline changes.

Linux: kernel/static_call_inline.c, arch/x86/kernel/static_call.c, 6.1
"""

from typing import Annotated

from kapi.registry import export
from runtime.c import function_p, pointer, void_p
from runtime.kernel import Kernel
from runtime.lib.jump_labels import poke

static_call_key_p = Annotated[int, pointer("static_call_key")]
_JUMP, _RETURN = 0xE9, b"\xc3\x0f\x1f\x40\x00"  # ret; nop


@export
def __static_call_update(k: Kernel, key: static_call_key_p, tramp: void_p, func: function_p) -> None:
    """Let all static calls of a key call func; with NULL they return at once."""
    k.trouble.might_sleep("static_call_update()")
    at = key + k.abi.offset("static_call_key", "func")
    if k.mem.u64(at) == func:
        return
    k.mem.put64(at, func)
    if tramp:
        jump = bytes([_JUMP]) + (func - tramp - 5).to_bytes(4, "little", signed=True) if func else _RETURN
        poke(k, tramp, jump)
        k.code_changed()
