"""module.h: symbols looked up by name while the kernel runs; who has one is a user of the module that exports it.

Linux: kernel/module/main.c, 6.1
"""

from kapi.module import module_put, try_module_get
from kapi.registry import export, may_fail
from runtime.c import const_char_p, void_p
from runtime.kernel import Kernel

_WARNING = 4


@export
@may_fail(0)
def __symbol_get(k: Kernel, symbol: const_char_p) -> void_p:
    """The address of what somebody exports to GPL modules only. Return: NULL where nobody does, or to all modules (the
    log says so).
    """
    name = k.mem.cstr(symbol).decode("latin-1")
    found = k.modules.find(name)
    if found is None:
        return 0
    if not found.gpl:
        k.printk(_WARNING, f"failing symbol_get of non-GPLONLY symbol {name}.")
        return 0
    if found.owner is not None and not try_module_get(k, found.owner.virt):
        return 0
    return found.virt


@export
def __symbol_put(k: Kernel, symbol: const_char_p) -> None:
    """Give it back. Finding: refcount, where nobody has it."""
    found = k.modules.find(k.mem.cstr(symbol).decode("latin-1"))
    if found is not None and found.owner is not None:
        module_put(k, found.owner.virt)


@export
def symbol_put_addr(k: Kernel, addr: void_p) -> None:
    """The same by its address; the kernel's own have no users."""
    owner = k.modules.owner(addr)
    if owner is not None:
        module_put(k, owner.virt)
