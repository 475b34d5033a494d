"""insmod and rmmod for the real kernel: one program that makes exactly one system call of interest.

Other insmods try again by another call where the first one failed, which runs a failing init function twice. This one
is so small that it is written down here as machine code (a test holds code and comments together): with two
arguments it calls finit_module(open(argv[1]), argv[2], 0), with one delete_module(argv[1], O_NONBLOCK). Before and
after it reads CLOCK_MONOTONIC, and it prints seconds and nanoseconds of both times and the result, each as it lies in
memory, as digits from a (0) to p (15).
"""

import struct
from errno import errorcode
from typing import NamedTuple

_CODE_64 = """
4c8b642410         # 00: mov r12, qword ptr [rsp + 0x10]
4c8b6c2418         # 05: mov r13, qword ptr [rsp + 0x18]
4881ec80000000     # 0a: sub rsp, 0x80
bbb0000000         # 11: mov ebx, 0xb0
4d85ed             # 16: test r13, r13
7416               # 19: je 0x31
b802000000         # 1b: mov eax, 2
4c89e7             # 20: mov rdi, r12
31f6               # 23: xor esi, esi
0f05               # 25: syscall
4989c4             # 27: mov r12, rax
bb39010000         # 2a: mov ebx, 0x139
eb06               # 2f: jmp 0x37
41bd00080000       # 31: mov r13d, 0x800
b8e4000000         # 37: mov eax, 0xe4
bf01000000         # 3c: mov edi, 1
4889e6             # 41: mov rsi, rsp
0f05               # 44: syscall
89d8               # 46: mov eax, ebx
4c89e7             # 48: mov rdi, r12
4c89ee             # 4b: mov rsi, r13
31d2               # 4e: xor edx, edx
0f05               # 50: syscall
4889442420         # 52: mov qword ptr [rsp + 0x20], rax
b8e4000000         # 57: mov eax, 0xe4
bf01000000         # 5c: mov edi, 1
488d742410         # 61: lea rsi, [rsp + 0x10]
0f05               # 66: syscall
31c9               # 68: xor ecx, ecx
488d7c2428         # 6a: lea rdi, [rsp + 0x28]
8a040c             # 6f: mov al, byte ptr [rsp + rcx]
88c4               # 72: mov ah, al
c0e804             # 74: shr al, 4
80e40f             # 77: and ah, 0xf
66056161           # 7a: add ax, 0x6161
66ab               # 7e: stosw word ptr [rdi], ax
ffc1               # 80: inc ecx
83f928             # 82: cmp ecx, 0x28
72e8               # 85: jb 0x6f
b801000000         # 87: mov eax, 1
bf01000000         # 8c: mov edi, 1
488d742428         # 91: lea rsi, [rsp + 0x28]
ba50000000         # 96: mov edx, 0x50
0f05               # 9b: syscall
b83c000000         # 9d: mov eax, 0x3c
31ff               # a2: xor edi, edi
0f05               # a4: syscall
"""
_CODE_32 = """
8b742408           # 00: mov esi, dword ptr [esp + 8]
8b7c240c           # 04: mov edi, dword ptr [esp + 0xc]
83ec40             # 08: sub esp, 0x40
bd81000000         # 0b: mov ebp, 0x81
85ff               # 10: test edi, edi
7414               # 12: je 0x28
b805000000         # 14: mov eax, 5
89f3               # 19: mov ebx, esi
31c9               # 1b: xor ecx, ecx
cd80               # 1d: int 0x80
89c6               # 1f: mov esi, eax
bd5e010000         # 21: mov ebp, 0x15e
eb05               # 26: jmp 0x2d
bf00080000         # 28: mov edi, 0x800
b809010000         # 2d: mov eax, 0x109
bb01000000         # 32: mov ebx, 1
89e1               # 37: mov ecx, esp
cd80               # 39: int 0x80
89e8               # 3b: mov eax, ebp
89f3               # 3d: mov ebx, esi
89f9               # 3f: mov ecx, edi
31d2               # 41: xor edx, edx
cd80               # 43: int 0x80
89442410           # 45: mov dword ptr [esp + 0x10], eax
b809010000         # 49: mov eax, 0x109
bb01000000         # 4e: mov ebx, 1
8d4c2408           # 53: lea ecx, [esp + 8]
cd80               # 57: int 0x80
31c9               # 59: xor ecx, ecx
8d7c2414           # 5b: lea edi, [esp + 0x14]
8a040c             # 5f: mov al, byte ptr [esp + ecx]
88c4               # 62: mov ah, al
c0e804             # 64: shr al, 4
80e40f             # 67: and ah, 0xf
66056161           # 6a: add ax, 0x6161
66ab               # 6e: stosw word ptr es:[edi], ax
41                 # 70: inc ecx
83f914             # 71: cmp ecx, 0x14
72e9               # 74: jb 0x5f
b804000000         # 76: mov eax, 4
bb01000000         # 7b: mov ebx, 1
8d4c2414           # 80: lea ecx, [esp + 0x14]
ba28000000         # 84: mov edx, 0x28
cd80               # 89: int 0x80
b801000000         # 8b: mov eax, 1
31db               # 90: xor ebx, ebx
cd80               # 92: int 0x80
"""
_GNU_STACK = 0x6474E551  # without it a 32-bit kernel complains of an executable stack
_LETTERS = str.maketrans("abcdefghijklmnop", "0123456789abcdef")


class Call(NamedTuple):
    """What one call gave: 0, a positive number or -errno; and how long it took, in nanoseconds."""

    result: int
    nanoseconds: int


def machine_code(arch: str) -> bytes:
    """The program for x86_64 or i386."""
    rows = (_CODE_64 if arch == "x86_64" else _CODE_32).strip().splitlines()
    return bytes.fromhex("".join(row.split()[0] for row in rows))


def program(arch: str) -> bytes:
    """The program as an ELF file: header, one segment that is all of the file, a stack without code, code."""
    code, base = machine_code(arch), 0x400000
    if arch == "x86_64":
        start = 64 + 2 * 56
        size = start + len(code)
        head = struct.pack("<16sHHIQQQIHHHHHH", b"\x7fELF\2\1\1", 2, 62, 1, base + start, 64, 0, 0, 64, 56, 2, 0, 0, 0)
        load = struct.pack("<IIQQQQQQ", 1, 5, 0, base, base, size, size, 0x1000)
        return head + load + struct.pack("<IIQQQQQQ", _GNU_STACK, 6, 0, 0, 0, 0, 0, 16) + code
    start = 52 + 2 * 32
    size = start + len(code)
    head = struct.pack("<16sHHIIIIIHHHHHH", b"\x7fELF\1\1\1", 2, 3, 1, base + start, 52, 0, 0, 52, 32, 2, 0, 0, 0)
    load = struct.pack("<IIIIIIII", 1, 0, base, base, size, size, 5, 0x1000)
    return head + load + struct.pack("<IIIIIIII", _GNU_STACK, 0, 0, 0, 0, 0, 6, 16) + code


def read_call(text: str) -> Call:
    """Read what the program has printed. Raises: ValueError for anything else."""
    raw = bytes.fromhex(text.translate(_LETTERS))
    form = {40: "<5q", 20: "<5i"}.get(len(raw))
    if form is None:
        raise ValueError(text)
    began, began_ns, ended, ended_ns, result = struct.unpack(form, raw)
    return Call(result, (ended - began) * 10**9 + ended_ns - began_ns)


def status(result: int) -> str:
    """`rc=0`, or `rc=1 errno=EINVAL`: what insmod's caller sees. What is no errno counts as success in libc."""
    if not -4095 <= result < 0:
        return "rc=0" if result == 0 else f"rc=0 result={result}"
    return f"rc=1 errno={errorcode.get(-result, -result)}"
