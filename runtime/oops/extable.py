"""__ex_table: instructions that may fault, and where to go on when they do. It is asked before a fault becomes an oops.

An entry has 12 bytes: two displacements (of the instruction and of the place to go on, each from its own place) and a
data word: the type, a register, two flags and a signed number.
Linux: arch/x86/mm/extable.c; arch/x86/include/asm/extable_fixup_types.h, 6.1
"""

from collections.abc import Iterable
from struct import iter_unpack

from runtime.arch import x86_64 as arch
from runtime.arch.x86_64 import RAX, RCX, RDX, RSP
from runtime.errors import GuestFault, Unsupported
from runtime.memory import Memory
from runtime.oops import decode
from runtime.oops.event import Event
from runtime.units import Virt

ENTRY_SIZE = 12
EIO = 5

DEFAULT, FAULT, UACCESS, COPY, CLEAR_FS = 1, 2, 3, 4, 5
WRMSR, RDMSR, WRMSR_SAFE, RDMSR_SAFE = 8, 9, 10, 11
DEFAULT_MCE_SAFE, FAULT_MCE_SAFE, POP_REG, IMM_REG = 14, 15, 16, 17
UCOPY_LEN, ZEROPAD = 19, 20
_CLEAR_AX, _CLEAR_DX = 1 << 12, 1 << 13

Table = tuple[Virt, int]
"""(address of an __ex_table section, number of entries)"""


class Fix:
    """How the guest goes on: at rip, with registers {number: value} changed.

    clear_fs: load a null selector into %fs first; site: of a WARN_ONCE on the way (in sites.WARNINGS), or "".
    """

    __slots__ = ("clear_fs", "registers", "rip", "site")

    def __init__(self, rip: Virt, registers: dict[int, int], clear_fs: bool = False, site: str = "") -> None:
        self.rip, self.registers, self.clear_fs, self.site = rip, registers, clear_fs, site


def fix(memory: Memory, tables: Iterable[Table], event: Event, vector: int) -> Fix | None:
    """What the entry for event.rip says to do; None: there is none, or it does not apply, and the fault is an oops.

    Raises: Unsupported for types that only the kernel's own code has (BPF, SGX, FPU restore, machine checks).
    """
    for start, count in tables:
        entries = iter_unpack("<iiI", memory.read(start, count * ENTRY_SIZE) if count else b"")
        for index, (where, target, data) in enumerate(entries):
            virt = start + index * ENTRY_SIZE
            if virt + where == event.rip:
                return _apply(memory, event, vector, virt + 4 + target, data)
    return None


def _apply(memory: Memory, event: Event, vector: int, rip: Virt, data: int) -> Fix | None:
    kind, register, number = data & 0xFF, data >> 8 & 15, (data >> 16 ^ 0x8000) - 0x8000
    if kind == ZEROPAD:
        return _zero_padded(memory, event, rip)
    changes = _changes(event, vector, kind, register, number)
    if data & _CLEAR_AX:
        changes[RAX] = 0
    if data & _CLEAR_DX:
        changes[RDX] = 0
    return Fix(rip, changes, kind == CLEAR_FS, _warning(kind, vector))


def _changes(event: Event, vector: int, kind: int, register: int, number: int) -> dict[int, int]:
    """The registers that a type of entry sets."""
    values, mask = event.registers, arch.POINTER_MASK
    if kind in (DEFAULT, DEFAULT_MCE_SAFE, UACCESS, CLEAR_FS, WRMSR):
        return {}
    if kind in (FAULT, FAULT_MCE_SAFE, COPY):
        return {RAX: vector}
    if kind == IMM_REG:
        return {register: number & mask}
    if kind == POP_REG:
        return {RSP: values[RSP] + 8 & mask, register: number & mask}
    if kind == UCOPY_LEN:
        return {RCX: number * values[RCX] + values[register] & mask}
    if kind in (RDMSR, RDMSR_SAFE, WRMSR_SAFE):
        zeroed = {} if kind == WRMSR_SAFE else {RAX: 0, RDX: 0}
        return zeroed if kind == RDMSR else {**zeroed, register: -EIO & mask}
    raise Unsupported(f"exception table entry of type {kind} at {event.where}")


def _warning(kind: int, vector: int) -> str:
    """User memory is accessed at a non-canonical address: a bug of the caller, who checked nothing."""
    if vector != arch.GENERAL_PROTECTION:
        return ""
    return {UACCESS: "uaccess_gp", UCOPY_LEN: "uaccess_gp", COPY: "ucopy_gp"}.get(kind, "")


def _zero_padded(memory: Memory, event: Event, rip: Virt) -> Fix | None:
    """An 8-byte load that ran over the end of a mapped page (load_unaligned_zeropad).

    Zeros stand for what is not there.
    """
    found, register = decode.operand_address(event), decode.loaded_register(event)
    if found is None or register is None:
        return None
    aligned, offset = found[0] & ~7, found[0] & 7
    if event.address != aligned + 8:
        return None
    try:
        return Fix(rip, {register: memory.u64(aligned) >> 8 * offset})
    except GuestFault:
        return None
