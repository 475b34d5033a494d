"""module.h: who uses a module. The count lies in struct module, one above what module_refcount() says while the module
is loaded.

Linux: kernel/module/main.c, 6.1
"""

from typing import Annotated

from kapi.registry import export
from runtime.c import bool_, int_, pointer
from runtime.kernel import Kernel

module_p = Annotated[int, pointer("module")]
_KIND = "module reference"
_BASE = 1  # MODULE_REF_BASE: what the loader itself holds


def _count_at(k: Kernel, module: int) -> int:
    return module + k.abi.offset("module", "refcnt")


def _noted(k: Kernel, module: int) -> int:
    """How many references to a module others have taken."""
    count = 0
    while (_KIND, (module, count)) in k.resources.held:
        count += 1
    return count


def _note(k: Kernel, module: int) -> None:
    """A reference has been taken: one to oneself dies with oneself, all others have to be given back."""
    stack, target = k.mm.stack(), k.modules.owner(module)
    if target is not None and stack and not target.was_at(stack[0]):
        k.resources.add(_KIND, f"to {target.name}", module, stack, (module, _noted(k, module)))


@export
def module_refcount(k: Kernel, mod: module_p) -> int_:
    """How many users there are. Return: -1 while the module is being removed."""
    return k.mem.i32(_count_at(k, mod)) - _BASE


@export
def try_module_get(k: Kernel, module: module_p) -> bool_:
    """Become a user; NULL, what is built in, needs none. Return: 0 where the module is being removed."""
    if not module:
        return 1
    at = _count_at(k, module)
    going = k.mem.u32(module + k.abi.offset("module", "state")) == k.abi.const["MODULE_STATE_GOING"]
    if going or not k.mem.u32(at):
        return 0
    k.mem.put32(at, k.mem.u32(at) + 1)
    _note(k, module)
    return 1


@export
def __module_get(k: Kernel, module: module_p) -> None:
    """Become one more user; NULL is nothing."""
    if module:
        at = _count_at(k, module)
        k.mem.put32(at, k.mem.u32(at) + 1)
        _note(k, module)


@export
def module_put(k: Kernel, module: module_p) -> None:
    """Be no user any more; NULL is nothing. Finding: refcount, where there is none: a WARN, and the count stays."""
    if not module:
        return
    at = _count_at(k, module)
    count = k.mem.i32(at)
    if count <= 0:
        k.trouble.warn("module_put")
    else:
        k.mem.put32(at, count - 1)
        k.resources.remove(_KIND, (module, _noted(k, module) - 1))
