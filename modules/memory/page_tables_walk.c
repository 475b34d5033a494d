// SPDX-License-Identifier: GPL-2.0
/* Page tables walked by inline helpers; pages split, copied, mapped a second time, read-only; large kmalloc(). */
#include <linux/module.h>
#include <linux/mm.h>
#include <linux/vmalloc.h>
#include <linux/slab.h>
#include <linux/highmem.h>
#include <linux/pgtable.h>
#include <asm/special_insns.h>
#include <asm/page.h>
#include <asm/cpufeature.h>
#include <asm/processor.h>

static int level_of(unsigned long addr, unsigned long *pfn)
{
	pgd_t *pgd = (pgd_t *)__va(read_cr3_pa()) + pgd_index(addr);
	p4d_t *p4d;
	pud_t *pud;
	pmd_t *pmd;
	pte_t *pte;

	if (pgd_none(*pgd))
		return 0;
	p4d = p4d_offset(pgd, addr);
	if (p4d_none(*p4d))
		return 1;
	pud = pud_offset(p4d, addr);
	if (pud_none(*pud))
		return 2;
	if (pud_large(*pud))
		return 30;
	pmd = pmd_offset(pud, addr);
	if (pmd_none(*pmd))
		return 3;
	if (pmd_large(*pmd)) {
		*pfn = pmd_pfn(*pmd) + pte_index(addr);
		return 20;
	}
	pte = pte_offset_kernel(pmd, addr);
	if (!pte_present(*pte))
		return 4;
	*pfn = pte_pfn(*pte);
	return 10 + !!pte_write(*pte);
}

static int __init pages_init(void)
{
	char *v = vmalloc(3 * PAGE_SIZE), *k = kmalloc(64, GFP_KERNEL);
	unsigned long p = __get_free_pages(GFP_KERNEL, 2), pfn = 0;
	struct page *pg, *arr[3];
	void *m;
	int i;

	if (!v || !k || !p) {
		free_pages(p, 2);
		p = 0;
		goto fail;
	}
	i = level_of((unsigned long)v, &pfn);
	pr_info("vmalloc: level %d same page %d\n", i, pfn_to_page(pfn) == vmalloc_to_page(v));
	i = level_of((unsigned long)v + 3 * PAGE_SIZE, &pfn);
	pr_info("guard page: not present %d\n", i < 5);
	i = level_of((unsigned long)k, &pfn);
	pr_info("kmalloc: mapped %d same pfn %d\n", i >= 10, pfn == __pa(k) >> PAGE_SHIFT);
	i = level_of(0x1000, &pfn);
	pr_info("user address: %d\n", i < 5);
	clear_page((void *)p);
	memset((void *)p, 0x5a, 100);
	copy_page((void *)(p + PAGE_SIZE), (void *)p);
	pr_info("copied %d\n", !memcmp((void *)p, (void *)(p + PAGE_SIZE), PAGE_SIZE));
	pg = virt_to_page(p);
	pr_info("count %d order-2 aligned %d compound %d\n", page_count(pg), IS_ALIGNED(page_to_pfn(pg), 4), PageCompound(pg));
	split_page(pg, 2);
	for (i = 0; i < 4; i++)
		pr_cont("%d ", page_count(pg + i));
	pr_cont("\n");
	for (i = 0; i < 3; i++)
		arr[i] = pg + 3 - i;
	m = vmap(arr, 3, VM_MAP, PAGE_KERNEL);
	if (!m)
		goto fail;
	memset(page_address(arr[2]), 0x77, 16);
	pr_info("vmap reversed: %02x %d\n", ((u8 *)m)[2 * PAGE_SIZE], vmalloc_to_page(m + PAGE_SIZE) == arr[1]);
	vunmap(m);
	m = vmap(arr, 2, VM_MAP, PAGE_KERNEL_RO);
	if (!m)
		goto fail;
	i = level_of((unsigned long)m, &pfn);
	pr_info("read-only %d\n", i == 10);
	vunmap(m);
	for (i = 0; i < 4; i++)
		__free_page(pg + i);
	p = 0;
	memcpy_to_page(vmalloc_to_page(v), 10, "hello", 6);
	pr_info("%s\n", v + 10);
	zero_user(vmalloc_to_page(v), 0, 12);
	pr_info("[%s] %c\n", v, v[12]);
	kfree(k);
	k = kzalloc(3 * PAGE_SIZE, GFP_KERNEL);
	if (!k)
		goto fail;
	pg = virt_to_head_page(k + PAGE_SIZE + 5);
	pr_info("large kmalloc: head %d order %d size %zu ksize %zu\n", page_address(pg) == k, compound_order(pg), page_size(pg), ksize(k));
	kfree(k);
	vfree(v);
	pr_info("fpu %d tsc %d lm %d\n", boot_cpu_has(X86_FEATURE_FPU), boot_cpu_has(X86_FEATURE_TSC), static_cpu_has(X86_FEATURE_LM));
	pr_info("offset_in_page %lu align %lx\n", offset_in_page(0x12345), PAGE_ALIGN(0x12345UL));
	pr_info("cr0 wp %d pg %d\n", !!(read_cr0() & X86_CR0_WP), !!(read_cr0() & X86_CR0_PG));
	pr_info("totalram > 0 %d zone %s\n", totalram_pages() > 0, page_zone(pfn_to_page(pfn))->name);
	return 0;

fail:
	kfree(k);
	vfree(v);
	for (i = 0; p && i < 4; i++)
		free_page(p + i * PAGE_SIZE);
	return -ENOMEM;
}

static void __exit pages_exit(void)
{
}

module_init(pages_init);
module_exit(pages_exit);
MODULE_LICENSE("GPL");
