"""pv_ops: how a paravirtualised module asks for the interrupt flag and for other privileged instructions.

The flag is a variable of the kernel's, so that Python reads it in 30 ns. Its functions are guest code and change rax
only, as callers expect. Every other operation leads to a function that says what is missing.

Linux: arch/x86/include/asm/paravirt.h, arch/x86/kernel/paravirt.c, 6.1
"""

from kapi.registry import export_data, guest_code
from runtime.kernel import Kernel

_IF = 0x200
#   movabs $flag,%rax; then: mov (%rax),%rax; ret  |  btrl $9,(%rax); ret  |  btsl $9,(%rax); ret
_HEAD = bytes.fromhex("48b8")
_BODIES = {"save_fl": "488b00c3", "irq_disable": "0fba3009c3", "irq_enable": "0fba2809c3"}
_IDENTITY = bytes.fromhex("4889f8c3")  # mov %rdi,%rax; ret
_PLAIN = {
    "read_cr0": "0f20c0c3",  # mov %cr0,%rax; ret
    "read_cr2": "0f20d0c3",
    "read_cr3": "0f20d8c3",
    "wbinvd": "0f09c3",
    # push %rbx; mov %rdx,%r8; mov %rcx,%r9; mov (%rdi),%eax; mov (%r8),%ecx; cpuid; and all four registers back
    "cpuid": "53 4989d0 4989c9 8b07 418b08 0fa2 8907 891e 418908 418911 5b c3",
}


@export_data("paravirt_patch_template")
def pv_ops(k: Kernel, at: int) -> None:
    """Fill the table: what exists, and a function that names itself for the rest."""
    _, members = k.abi.struct("paravirt_patch_template")
    for group in members:
        offset, kind = k.abi.member("paravirt_patch_template", group)
        if kind.startswith("%pv_"):
            _fill_group(k, at + offset, group, kind[1:])


def _fill_group(k: Kernel, at: int, group: str, struct: str) -> None:
    for member, (offset, kind) in k.abi.struct(struct)[1].items():
        if kind == "*" or kind == "%paravirt_callee_save":
            k.mem.put64(at + offset, _operation(k, f"pv_ops.{group}.{member}", member))


def _operation(k: Kernel, name: str, member: str) -> int:
    if member in _BODIES:
        code = _HEAD + k.cpu.flags_virt.to_bytes(8, "little") + bytes.fromhex(_BODIES[member])
        return k.image.code(f"native_{member}", code)
    if member in _PLAIN:
        return k.image.code(f"native_{member}", bytes.fromhex(_PLAIN[member]))
    if member in (
        "pte_val",
        "pgd_val",
        "make_pte",
        "make_pgd",
        "pmd_val",
        "make_pmd",
        "pud_val",
        "make_pud",
        "p4d_val",
        "make_p4d",
    ):
        return k.image.code(f"paravirt_{member}", _IDENTITY)
    return k.provider.lacking(name)


guest_code("native_save_fl", bytes.fromhex("9c58c3"))  # pushf; pop %rax; ret
