"""Kernel functions that need no Python: pieces of machine code, 12 ns a call instead of a trap.

Linux: arch/x86/lib/, arch/x86/include/asm/nospec-branch.h, paravirt.h, 6.1
"""

from kapi.registry import guest_code

_RET = bytes.fromhex("c3")

# Called by every traced function, and instead of every ret and indirect jump (retpolines are for real CPUs).
guest_code("__fentry__", _RET)
guest_code("__x86_return_thunk", _RET)
# Empty in Linux, too: its checksum in __versions stands for the layout of struct module.
guest_code("module_layout", _RET)
for _name, _jmp in {
    "rax": "ffe0", "rcx": "ffe1", "rdx": "ffe2", "rbx": "ffe3", "rsp": "ffe4", "rbp": "ffe5", "rsi": "ffe6",
    "rdi": "ffe7", "r8": "41ffe0", "r9": "41ffe1", "r10": "41ffe2", "r11": "41ffe3", "r12": "41ffe4", "r13": "41ffe5",
    "r14": "41ffe6", "r15": "41ffe7",
}.items():  # fmt: skip
    guest_code(f"__x86_indirect_thunk_{_name}", bytes.fromhex(_jmp))

# Called from asm that says it changes no register: there is nothing to switch to in the middle of guest code.
guest_code("__SCT__preempt_schedule", _RET)
guest_code("__SCT__preempt_schedule_notrace", _RET)
guest_code("preempt_schedule_thunk", _RET)
guest_code("preempt_schedule_notrace_thunk", _RET)

# 8 bytes at a time, then the rest. Each fault is at its exact address, in a function that is named as in Linux.
#   mov %rdi,%rax; mov %rdx,%rcx; shr $3,%rcx; rep movsq; mov %edx,%ecx; and $7,%ecx; rep movsb; ret
_MEMCPY = bytes.fromhex("4889f8 4889d1 48c1e903 f348a5 89d1 83e107 f3a4 c3")
#   mov %rdi,%r9; movzbl %sil,%eax; movabs $0x0101010101010101,%rcx; imul %rcx,%rax; mov %rdx,%rcx; shr $3,%rcx;
#   rep stosq; mov %edx,%ecx; and $7,%ecx; rep stosb; mov %r9,%rax; ret
_MEMSET = bytes.fromhex(
    "4989f9 400fb6c6 48b90101010101010101 480fafc1 4889d1 48c1e903 f348ab 89d1 83e107 f3aa 4c89c8 c3"
)
#   mov %rdi,%rax; mov %rdi,%rcx; sub %rsi,%rcx; cmp %rdx,%rcx; jb 1f; (forwards, as memcpy); ret
#   1: lea -1(%rdi,%rdx),%rdi; lea -1(%rsi,%rdx),%rsi; mov %rdx,%rcx; std; rep movsb; cld; ret
_MEMMOVE = bytes.fromhex(
    "4889f8 4889f9 4829f1 4839d1 7212 4889d1 48c1e903 f348a5 89d1 83e107 f3a4 c3"
    "488d7c17ff 488d7416ff 4889d1 fd f3a4 fc c3"
)
for _name, _code in {"memcpy": _MEMCPY, "memset": _MEMSET, "memmove": _MEMMOVE}.items():
    guest_code(_name, _code)
    guest_code(f"__{_name}", _code)

#   xor %eax,%eax; mov $512,%ecx; rep stosq; ret
for _name in ("clear_page_orig", "clear_page_rep", "clear_page_erms"):
    guest_code(_name, bytes.fromhex("31c0 b900020000 f348ab c3"))
#   mov $512,%ecx; rep movsq; ret
guest_code("copy_page", bytes.fromhex("b900020000 f348a5 c3"))
