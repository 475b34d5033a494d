// SPDX-License-Identifier: GPL-2.0
/*
 * Probe: printk: %p and its forms for addresses
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/err.h>
#include <linux/ioport.h>
#include <linux/module.h>
#include <linux/slab.h>

static noinline int same_hash(void)
{
	char one[24], two[24];

	snprintf(one, sizeof(one), "%p", THIS_MODULE);
	snprintf(two, sizeof(two), "%p", THIS_MODULE);
	return !strcmp(one, two) && strlen(one) == 16;
}

static int __init printk_pointers_init(void)
{
	struct resource r = { .start = 0x1000, .end = 0x1fff, .flags = IORESOURCE_MEM, .name = "res" };
	phys_addr_t phys = 0x12345;
	dma_addr_t dma = 0xabcdef;

	pr_info("[%p] [%p] [%p]\n", NULL, ERR_PTR(-EINVAL), ERR_PTR(-4095));
	pr_info("same hash %d\n", same_hash());
	pr_info("[%px] [%px] [%lx]\n", NULL, (void *)0x1234, 0xdeadUL);
	pr_info("[%20p] [%-20p] [%5p]\n", NULL, NULL, NULL);
	pr_info("[%pK] [%pe] [%pe] [%pe]\n", NULL, ERR_PTR(-ENOMEM), ERR_PTR(-4000), NULL);
	pr_info("[%pS] [%ps] [%pB]\n", same_hash, same_hash, same_hash);
	pr_info("[%pS] [%ps]\n", (char *)same_hash + 1, (char *)same_hash + 1);
	pr_info("[%pS] [%ps]\n", kfree, kfree);
	pr_info("[%pS] [%ps]\n", (void *)0x10, (void *)0x10);
	pr_info("[%pa] [%pap] [%pad]\n", &phys, &phys, &dma);
	pr_info("[%pr] [%pR]\n", &r, &r);
	return 0;
}

static void __exit printk_pointers_exit(void)
{
	pr_info("exit\n");
}

module_init(printk_pointers_init);
module_exit(printk_pointers_exit);
MODULE_DESCRIPTION("printk");
MODULE_LICENSE("GPL");
