"""jump_label.h: static keys. A branch on one is a nop or a jump in the module's text, which changes with the key.

A row of __jump_table (struct jump_entry) says where the instruction stands, where it jumps to, and by which key; bit 0
of the key's address says that it jumps while the key is off.

Linux: kernel/jump_label.c, arch/x86/kernel/jump_label.c, 6.1
"""

from typing import Annotated

from kapi.registry import alias, export
from runtime.c import bool_, int_, pointer
from runtime.kernel import Kernel
from runtime.lib.jump_labels import update

static_key_p = Annotated[int, pointer("static_key")]


def _enabled(k: Kernel, key: int) -> int:
    return k.mem.i32(key + k.abi.offset("static_key", "enabled"))


def _set(k: Kernel, key: int, enabled: int) -> None:
    """Set the count, and change the instructions where the key goes on or off."""
    was = _enabled(k, key)
    k.mem.put32(key + k.abi.offset("static_key", "enabled"), enabled)
    if bool(was) != bool(enabled):
        update(k, key)


@export
def static_key_count(k: Kernel, key: static_key_p) -> int_:
    """How many have enabled it."""
    return _enabled(k, key)


@export
def static_key_enable(k: Kernel, key: static_key_p) -> None:
    """Set the count to 1, if it is 0."""
    k.trouble.might_sleep("static_key_enable()")
    if not _enabled(k, key):
        _set(k, key, 1)


alias("static_key_enable_cpuslocked", static_key_enable)


@export
def static_key_disable(k: Kernel, key: static_key_p) -> None:
    """Set the count to 0, if it is 1."""
    k.trouble.might_sleep("static_key_disable()")
    if _enabled(k, key) == 1:
        _set(k, key, 0)


alias("static_key_disable_cpuslocked", static_key_disable)


@export
def static_key_slow_inc(k: Kernel, key: static_key_p) -> bool_:
    """One more wants it on. Return: 1; 0 where the count has no room."""
    k.trouble.might_sleep("static_key_slow_inc()")
    count = _enabled(k, key)
    if count == 0x7FFFFFFF:
        return 0
    _set(k, key, count + 1)
    return 1


@export
def static_key_fast_inc_not_disabled(k: Kernel, key: static_key_p) -> bool_:
    """One more wants it on, if it is on already. Return: is it?"""
    count = _enabled(k, key)
    if not 0 < count < 0x7FFFFFFF:
        return 0
    _set(k, key, count + 1)
    return 1


@export
def static_key_slow_dec(k: Kernel, key: static_key_p) -> None:
    """One fewer wants it on. Finding: atomic-imbalance where nobody does."""
    k.trouble.might_sleep("static_key_slow_dec()")
    count = _enabled(k, key)
    if count <= 0:
        k.check.finding("atomic-imbalance", f"static key {key:#x} is decremented, but not enabled", address=key)
        return
    _set(k, key, count - 1)


alias("static_key_slow_dec_cpuslocked", static_key_slow_dec)
