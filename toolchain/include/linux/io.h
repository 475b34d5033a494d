/* Linux: include/linux/io.h; of it only what concerns addresses. */
#pragma once
#include <asm/page.h>
#include <linux/kernel.h>

static inline phys_addr_t virt_to_phys(volatile void *virt)
{
	return __pa(virt);
}

static inline void *phys_to_virt(phys_addr_t phys)
{
	return __va(phys);
}
