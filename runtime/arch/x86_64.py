"""x86-64 as Linux 6.1 lays it out, without KASLR: address map, page table entries, zones, calling convention.

Linux: Documentation/x86/x86_64/mm.rst, arch/x86/include/asm/page_64_types.h, pgtable_types.h, 6.1
"""

from runtime.units import GiB, KiB, MiB

NAME = "x86_64"
ABI = "linux-6.1-x86_64"

# Address map (virt).
PAGE_OFFSET = 0xFFFF888000000000  # direct map: all of RAM, at virt = phys + PAGE_OFFSET
VMALLOC_START = 0xFFFFC90000000000
VMALLOC_END = 0xFFFFE8FFFFFFFFFF
STACKS = 0xFFFFE8FFFF000000  # kernel stacks: the top of the vmalloc range, guard pages between them
VMEMMAP_START = 0xFFFFEA0000000000  # one struct page a frame
START_KERNEL_MAP = 0xFFFFFFFF80000000
# Our kernel's image, 2 MiB: stubs of kernel functions, pieces of guest code, variables. Code and variables have page
# tables of their own: the CPU uses those of the code all the time, and nothing is ever written through them.
STUBS_SIZE = 256 * KiB
KERNEL_CODE_SIZE = 256 * KiB
KERNEL_DATA = 0xFFFFFFFF81200000
KERNEL_CODE = KERNEL_DATA - KERNEL_CODE_SIZE
KERNEL_TEXT = KERNEL_CODE - STUBS_SIZE
KERNEL_IMAGE_SIZE = 2 * MiB
MODULES_VADDR = 0xFFFFFFFFC0000000
MODULES_END = 0xFFFFFFFFFF000000
TASK_SIZE_MAX = 0x00007FFFFFFFF000
POINTER_MASK = (1 << 64) - 1

# Page table entries.
PTE_PRESENT, PTE_WRITE, PTE_USER = 1 << 0, 1 << 1, 1 << 2
PTE_ACCESSED, PTE_DIRTY, PTE_HUGE, PTE_GLOBAL = 1 << 5, 1 << 6, 1 << 7, 1 << 8
PTE_NX = 1 << 63
PTE_PHYS = 0x000FFFFFFFFFF000
TABLE = PTE_PRESENT | PTE_WRITE | PTE_USER | PTE_ACCESSED
# A is preset everywhere: the CPU then need not write it. D is preset too, but for machines that are rewound (DESIGN,
# 12).
KERNEL = PTE_PRESENT | PTE_WRITE | PTE_ACCESSED | PTE_DIRTY | PTE_NX
KERNEL_RO = PTE_PRESENT | PTE_ACCESSED | PTE_NX
KERNEL_ROX = PTE_PRESENT | PTE_ACCESSED
LEVEL_SHIFTS = (39, 30, 21, 12)

# Zones, by their upper limits (phys); ZONE_NORMAL takes the rest.
ZONES = (("DMA", 16 * MiB), ("DMA32", 4 * GiB), ("Normal", 1 << 52))

# Kernel stacks.
THREAD_SIZE = 16 * KiB

# Registers, in the order of the engine's register file.
REGISTERS = (
    "rax",
    "rcx",
    "rdx",
    "rbx",
    "rsp",
    "rbp",
    "rsi",
    "rdi",
    "r8",
    "r9",
    "r10",
    "r11",
    "r12",
    "r13",
    "r14",
    "r15",
    "rip",
)
RAX, RCX, RDX, RBX, RSP, RBP, RSI, RDI, R8, R9, R10, R11, R12, R13, R14, R15, RIP = range(17)
ARGUMENTS = (RDI, RSI, RDX, RCX, R8, R9)

# Exception vectors.
DIVIDE_ERROR, DEBUG, NMI, BREAKPOINT, INVALID_OPCODE, DOUBLE_FAULT, GENERAL_PROTECTION, PAGE_FAULT = (
    0,
    1,
    2,
    3,
    6,
    8,
    13,
    14,
)
STACK_SEGMENT, ALIGNMENT_CHECK = 12, 17
# Page fault error code.
PF_PROT, PF_WRITE, PF_USER, PF_RSVD, PF_INSTR = 1, 2, 4, 8, 16


def ram_ranges(size: int) -> list[tuple[int, int]]:
    """Where size bytes of RAM lie: (start, end) in phys. As on a PC, what does not fit below 3 GiB starts at 4 GiB (the
    hole is for devices), and 639 KiB to 1 MiB is not RAM."""
    low = min(size, 3 * GiB)
    ranges = [(0, 639 * KiB), (1 * MiB, low)]
    return ranges if low == size else [*ranges, (4 * GiB, 4 * GiB + size - low)]


def canonical(virt: int) -> bool:
    """Is this an address at all? Bits 47 to 63 are equal in one."""
    return virt >> 47 in (0, 0x1FFFF)
