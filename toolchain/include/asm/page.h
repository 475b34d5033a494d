/* Pages and the direct map. Where they lie is in variables of the kernel. Linux: arch/x86/include/asm/page.h */
#pragma once
#include <abi/page.h> /* PAGE_SHIFT __START_KERNEL_map VMALLOC_SIZE_TB_L4 UL: _PAGE_* */
#include <linux/mm_types.h>

#define PAGE_SIZE (1UL << PAGE_SHIFT)
#define PAGE_MASK (~(PAGE_SIZE - 1))

extern unsigned long page_offset_base, vmemmap_base, vmalloc_base, phys_base;
#define PAGE_OFFSET page_offset_base
#define VMALLOC_START vmalloc_base
#define VMALLOC_END (VMALLOC_START + ((unsigned long)VMALLOC_SIZE_TB_L4 << 40) - 1)
#define vmemmap ((struct page *)vmemmap_base)

typedef struct {
	unsigned long pgprot;
} pgprot_t;
#define __pgprot(bits) ((pgprot_t){(bits)})
#define ABI_PAGE_KERNEL_RO (_PAGE_PRESENT | _PAGE_ACCESSED | _PAGE_DIRTY | _PAGE_GLOBAL | _PAGE_NX)
#define PAGE_KERNEL_RO __pgprot(ABI_PAGE_KERNEL_RO)
#define PAGE_KERNEL __pgprot(ABI_PAGE_KERNEL_RO | _PAGE_RW)
#define PAGE_KERNEL_EXEC __pgprot((ABI_PAGE_KERNEL_RO | _PAGE_RW) & ~_PAGE_NX)
#define pgprot_val(prot) ((prot).pgprot)

/* One page of zeroes, in the kernel's image. */
extern unsigned long empty_zero_page[];
#define ZERO_PAGE(virt) ((void)(virt), virt_to_page(empty_zero_page))

#define __va(phys) ((void *)((unsigned long)(phys) + PAGE_OFFSET))
#define __pa(virt) abi_phys((unsigned long)(virt))

/* Addresses above __START_KERNEL_map are those of the kernel's image, the others of the direct map. */
static __always_inline unsigned long abi_phys(unsigned long virt)
{
	unsigned long in_image = virt - __START_KERNEL_map;

	return in_image < virt ? in_image + phys_base : virt - PAGE_OFFSET;
}

#define __pfn_to_page(pfn) (vmemmap + (pfn))
#define pfn_to_page(pfn) (vmemmap + (pfn))
#define page_to_pfn(page) ((unsigned long)((page) - vmemmap))
#define page_to_phys(page) ((phys_addr_t)page_to_pfn(page) << PAGE_SHIFT)
#define virt_to_page(virt) pfn_to_page(__pa(virt) >> PAGE_SHIFT)
#define PFN_DOWN(x) ((x) >> PAGE_SHIFT)
#define PFN_UP(x) (((x) + PAGE_SIZE - 1) >> PAGE_SHIFT)
#define PFN_PHYS(x) ((phys_addr_t)(x) << PAGE_SHIFT)

static __always_inline int get_order(unsigned long bytes)
{
	return bytes > PAGE_SIZE ? 64 - __builtin_clzl((bytes - 1) >> PAGE_SHIFT) : 0;
}

bool __virt_addr_valid(unsigned long virt);
#define virt_addr_valid(virt) __virt_addr_valid((unsigned long)(virt))
