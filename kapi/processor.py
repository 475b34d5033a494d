"""processor.h, cpufeature.h: what the kernel knows of the processor, as inline code reads it.

Linux: arch/x86/kernel/setup.c, cpu/common.c, mm/mem_encrypt_amd.c, arch/x86/mm/init.c, 6.1
"""

from kapi.registry import export_data
from runtime.kernel import Kernel

# Which word of x86_capability is which register of a CPUID leaf: (word, leaf, subleaf, register).
# Linux: arch/x86/include/asm/cpufeatures.h, 6.1
_EAX, _EBX, _ECX, _EDX = range(4)
_CAPABILITIES = ((0, 1, 0, _EDX), (1, 0x80000001, 0, _EDX), (4, 1, 0, _ECX), (6, 0x80000001, 0, _ECX), (9, 7, 0, _EBX),
                 (10, 0xD, 1, _EAX), (12, 7, 1, _EAX), (13, 0x80000008, 0, _EBX), (14, 6, 0, _EAX), (16, 7, 0, _ECX),
                 (18, 7, 0, _EDX))  # fmt: skip
_VENDOR_INTEL = 0
_ALWAYS = 3 * 32 + 21  # X86_FEATURE_ALWAYS


@export_data("cpuinfo_x86")
def boot_cpu_data(k: Kernel, at: int) -> None:
    """What CPUID says of the emulated processor."""
    cpuid, view = k.cpu.engine.cpuid, k.abi.view("cpuinfo_x86")(k.mem, at)
    highest, *vendor = cpuid(0)
    signature, misc, _, _ = cpuid(1)
    view.cpuid_level, view.extended_cpuid_level = highest, cpuid(0x80000000)[0]
    family, model = signature >> 8 & 15, signature >> 4 & 15
    view.x86 = family + (signature >> 20 & 255 if family == 15 else 0)
    view.x86_model = model | (signature >> 16 & 15) << 4 if family >= 6 else model
    view.x86_stepping, view.x86_vendor = signature & 15, _VENDOR_INTEL
    view.x86_phys_bits = view.x86_cache_bits = cpuid(0x80000008)[0] & 255
    view.x86_virt_bits = cpuid(0x80000008)[0] >> 8 & 255
    view.x86_clflush_size = view.x86_cache_alignment = (misc >> 8 & 255) * 8
    view.x86_max_cores = view.booted_cores = 1
    view.loops_per_jiffy = k.clock.tick
    k.mem.write(view.x86_vendor_id, b"".join(vendor[i].to_bytes(4, "little") for i in (0, 2, 1)))
    name = b"".join(word.to_bytes(4, "little") for leaf in (0x80000002, 0x80000003, 0x80000004) for word in cpuid(leaf))
    k.mem.write(view.x86_model_id, name)
    for word, leaf, subleaf, register in _CAPABILITIES:
        k.mem.put32(view.x86_capability + 4 * word, cpuid(leaf, subleaf)[register])
    k.mem.put32(view.x86_capability + 4 * (_ALWAYS // 32), 1 << _ALWAYS % 32)


@export_data(8)
def sme_me_mask(k: Kernel, at: int) -> None:
    """The bit of a page table entry that means encrypted memory: none."""
    k.mem.put64(at, 0)


@export_data(8)
def __default_kernel_pte_mask(k: Kernel, at: int) -> None:
    """Bits of page table entries that this processor has: all."""
    k.mem.put64(at, k.mm.arch.POINTER_MASK)


@export_data(8)
def __supported_pte_mask(k: Kernel, at: int) -> None:
    k.mem.put64(at, k.mm.arch.POINTER_MASK)


@export_data(8)
def physical_mask(k: Kernel, at: int) -> None:
    """The bits that a physical address may have: 52 (__PHYSICAL_MASK_SHIFT)."""
    k.mem.put64(at, (1 << 52) - 1)


@export_data(4, align=4)
def pgdir_shift(k: Kernel, at: int) -> None:
    """What an entry of the top page table covers, with four levels: 512 GiB."""
    k.mem.put32(at, 39)


@export_data(4, align=4)
def ptrs_per_p4d(k: Kernel, at: int) -> None:
    """The fifth level is folded away: one entry."""
    k.mem.put32(at, 1)
