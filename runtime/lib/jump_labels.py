"""Branches on static keys: instructions in the text of modules that are a nop or a jump, as the key wants it.

Linux: kernel/jump_label.c, arch/x86/kernel/jump_label.c, 6.1
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from runtime.units import Virt

if TYPE_CHECKING:
    from runtime.kernel import Kernel

_FLAGS = 3  # low bits of the key's address: 1, it jumps while the key is off; 2, for the build only
_SHORT = {2: b"\x66\x90", 5: b"\x0f\x1f\x44\x00\x00"}  # nops
_LONG_JUMP, _SHORT_JUMP = 0xE9, 0xEB
_JUMPS = {2: _SHORT_JUMP, 5: _LONG_JUMP}


def update(k: "Kernel", key: Virt) -> None:
    """A key has gone on or off: change the instructions of all modules that depend on it."""
    table = k.modules.tables("__jump_table", k.abi.sizeof("jump_entry"))
    _rewrite(k, [entry for entry in _entries(k, table) if entry[2] & ~_FLAGS == key])


def module_added(k: "Kernel", table: Virt, size: int) -> None:
    """A module has come, built for keys in their first state: those of others may have changed since."""
    found = list(_entries(k, [(table, size // k.abi.sizeof("jump_entry"))]))
    _rewrite(k, found)


def _entries(k: "Kernel", tables: list[tuple[Virt, int]]) -> Iterator[tuple[Virt, Virt, int]]:
    """(where the instruction is, where it jumps to, the key and its flags) of each row."""
    size = k.abi.sizeof("jump_entry")
    for first, count in tables:
        for at in range(first, first + count * size, size):
            yield tuple(at + offset + move for offset, move in _moves(k, at))  # type: ignore[misc]


def _moves(k: "Kernel", at: Virt) -> list[tuple[int, int]]:
    places = [k.abi.offset("jump_entry", member) for member in ("code", "target", "key")]
    return [(places[0], k.mem.i32(at + places[0])), (places[1], k.mem.i32(at + places[1])),
            (places[2], k.mem.i64(at + places[2]))]  # fmt: skip


def _rewrite(k: "Kernel", entries: list[tuple[Virt, Virt, int]]) -> None:
    changed = False
    for code, target, key in entries:
        if k.modules.owner(code) is None:  # of an init part that is gone
            continue
        enabled = k.mem.i32((key & ~_FLAGS) + k.abi.offset("static_key", "enabled")) != 0
        wanted = _instruction(k, code, target, enabled != bool(key & 1))
        if k.mem.read(code, len(wanted)) != wanted:
            poke(k, code, wanted)
            changed = True
    if changed:
        k.code_changed()


def _instruction(k: "Kernel", code: Virt, target: Virt, jump: bool) -> bytes:
    size = 2 if k.mem.u8(code) in (_SHORT_JUMP, _SHORT[2][0]) else 5
    if not jump:
        return _SHORT[size]
    return bytes([_JUMPS[size]]) + (target - code - size).to_bytes(size - 1, "little", signed=True)


def poke(k: "Kernel", virt: Virt, data: bytes) -> None:
    """Write into text, which the guest itself may not."""
    for at, byte in enumerate(data, virt):
        k.ram.put8(k.mem.phys(at), byte)
