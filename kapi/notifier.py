"""notifier.h: lists of functions that are called when something happens, those of high priority first.

The four kinds differ in the lock around the list only: a raw one has none, an atomic one a spinlock that calling does
not take, a blocking one a rw_semaphore.

Linux: kernel/notifier.c, 6.1
"""

from collections.abc import Callable
from errno import EBUSY, EEXIST, ENOENT
from typing import Annotated

from kapi.registry import export
from kapi.rwsem import down_read, down_write, up_read, up_write
from runtime.c import Stepped, int_, pointer, s32_of, unsigned_long, void_p
from runtime.errors import Call
from runtime.kernel import Kernel
from runtime.lib import rcu

atomic_head_p = Annotated[int, pointer("atomic_notifier_head")]
blocking_head_p = Annotated[int, pointer("blocking_notifier_head")]
raw_head_p = Annotated[int, pointer("raw_notifier_head")]
block_p = Annotated[int, pointer("notifier_block")]


# Where Linux warns, each inlined elsewhere (Debian's linux-image-6.1.0-56-amd64, 6.1.192-2)
_SITE = "notifier_chain_register+0x3e/0x70"
_RAW_SITE = "raw_notifier_chain_register+0x3b/0x60"
_ATOMIC_SITE = "atomic_notifier_chain_register+0x52/0x80"
_KIND = "notifier"
_UNIQUE_SITE = "atomic_notifier_chain_register_unique_prio+0x55/0x90"


def _name(k: Kernel, block: int) -> str:
    """The function of a block, as %ps prints it."""
    function = k.abi.view("notifier_block")(k.mem, block).notifier_call
    symbol = k.symbols.lookup(function)
    if symbol is None:
        return f"{function:#x}"
    return f"{symbol.name} [{symbol.module}]" if symbol.module else symbol.name


def _find(k: Kernel, link: int, wanted: int) -> int:
    """Where the pointer to a block lies, or the NULL at the end."""
    at = k.mem.u64(link)
    while at and at != wanted:
        link = at + k.abi.offset("notifier_block", "next")
        at = k.mem.u64(link)
    return link


def _register(k: Kernel, link: int, block: int, unique: bool = False, site: str = _SITE) -> int:
    head, view = link, k.abi.view("notifier_block")
    new = view(k.mem, block)
    if k.mem.u64(_find(k, link, block)) == block:
        k.trouble.warn_at(site, "kernel/notifier.c", 28, f"notifier callback {_name(k, block)} already registered")
        return -EEXIST
    while (at := k.mem.u64(link)) and new.priority <= view(k.mem, at).priority:
        if unique and new.priority == view(k.mem, at).priority:
            return -EBUSY
        link = at + k.abi.offset("notifier_block", "next")
    new.next = at
    k.mem.put64(link, block)
    k.resources.add(_KIND, _name(k, block), block, k.mm.stack(), (head, block), head)
    return 0


def _unregister(k: Kernel, link: int, block: int) -> int:
    head, link = link, _find(k, link, block)
    if not k.mem.u64(link):
        return -ENOENT
    k.mem.put64(link, k.abi.view("notifier_block")(k.mem, block).next)
    k.resources.remove(_KIND, (head, block))
    return 0


_NOTHING, _RCU = 0, 1  # what is held while functions are called, or the address of a rw_semaphore


def _call(k: Kernel, block: int, action: int, data: int, result: int, held: int) -> int | Call:
    """Call one after the other, until one says stop."""
    if not block or result & k.abi.const["NOTIFY_STOP_MASK"]:
        if held == _RCU:
            rcu.set_nesting(k, rcu.nesting(k) - 1)
            rcu.free_pending(k)
        elif held:
            up_read(k, held)
        return result
    view = k.abi.view("notifier_block")(k.mem, block)
    return Call(view.notifier_call, block, action, data, then=_called, data=(view.next, action, data, held))


def _called(k: Kernel, rax: int, block: int, action: int, data: int, held: int) -> int | Call:
    return _call(k, block, action, data, s32_of(rax), held)


@export
def raw_notifier_chain_register(k: Kernel, nh: raw_head_p, n: block_p) -> int_:
    """Return: 0; -EEXIST with a WARN for a block that is in the list already."""
    return _register(k, nh, n, site=_RAW_SITE)


@export
def raw_notifier_chain_unregister(k: Kernel, nh: raw_head_p, n: block_p) -> int_:
    """Return: 0, or -ENOENT."""
    return _unregister(k, nh, n)


@export
def raw_notifier_call_chain(k: Kernel, nh: raw_head_p, val: unsigned_long, v: void_p) -> Stepped[int_]:
    """Call all with (block, val, v). Return: what the last one returned."""
    return _call(k, k.mem.u64(nh), val, v, 0, _NOTHING)


def _atomic(k: Kernel, nh: int) -> int:
    return nh + k.abi.offset("atomic_notifier_head", "head")


@export
def atomic_notifier_chain_register(k: Kernel, nh: atomic_head_p, n: block_p) -> int_:
    return _register(k, _atomic(k, nh), n, site=_ATOMIC_SITE)


@export
def atomic_notifier_chain_register_unique_prio(k: Kernel, nh: atomic_head_p, n: block_p) -> int_:
    """Return: 0; -EBUSY where another block has the priority; -EEXIST."""
    return _register(k, _atomic(k, nh), n, True, _UNIQUE_SITE)


@export
def atomic_notifier_chain_unregister(k: Kernel, nh: atomic_head_p, n: block_p) -> int_:
    return _unregister(k, _atomic(k, nh), n)


@export
def atomic_notifier_call_chain(k: Kernel, nh: atomic_head_p, val: unsigned_long, v: void_p) -> Stepped[int_]:
    """The functions are called in an RCU reader, and may not sleep."""
    rcu.set_nesting(k, rcu.nesting(k) + 1)
    return _call(k, k.mem.u64(_atomic(k, nh)), val, v, 0, _RCU)


@export
def blocking_notifier_chain_register(k: Kernel, nh: blocking_head_p, n: block_p) -> int_:
    """Finding: sleep-in-atomic, and hang where a function of the list asks for it, as all of the blocking ones."""
    return _changed(k, nh, _register, n)


@export
def blocking_notifier_chain_register_unique_prio(k: Kernel, nh: blocking_head_p, n: block_p) -> int_:
    return _changed(k, nh, _register, n, True)


@export
def blocking_notifier_chain_unregister(k: Kernel, nh: blocking_head_p, n: block_p) -> int_:
    return _changed(k, nh, _unregister, n)


def _changed(k: Kernel, nh: int, change: Callable[..., int], *arguments: int) -> int:
    """Change the list, as the writer of its semaphore."""
    down_write(k, nh)
    result = change(k, nh + k.abi.offset("blocking_notifier_head", "head"), *arguments)
    up_write(k, nh)
    return result


@export
def blocking_notifier_call_chain(k: Kernel, nh: blocking_head_p, val: unsigned_long, v: void_p) -> Stepped[int_]:
    """The functions may sleep. An empty list is not even waited for."""
    head = nh + k.abi.offset("blocking_notifier_head", "head")
    if not k.mem.u64(head):
        return 0
    down_read(k, nh)
    return _call(k, k.mem.u64(head), val, v, 0, nh)
