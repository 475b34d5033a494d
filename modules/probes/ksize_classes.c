// SPDX-License-Identifier: GPL-2.0
/*
 * Probe: ksize of every size class, around its borders
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/module.h>
#include <linux/slab.h>

static int __init ksize_classes_init(void)
{
	static const size_t sizes[] = { 1, 7, 8, 9, 16, 17, 32, 33, 64, 65, 96, 97, 128, 129, 192, 193, 256, 257, 512, 513,
		1024, 1025, 2048, 2049, 4096, 4097, 8192, 8193, 10000, 16384, 16385, 65536, 100000, 1 << 20, 4 << 20 };

	for (int i = 0; i < ARRAY_SIZE(sizes); i++) {
		void *p = kmalloc(sizes[i], GFP_KERNEL);

		pr_info("%zu: %zu, aligned %d\n", sizes[i], ksize(p), IS_ALIGNED((unsigned long)p, ARCH_KMALLOC_MINALIGN));
		kfree(p);
	}
	return 0;
}

static void __exit ksize_classes_exit(void)
{
	pr_info("exit\n");
}

module_init(ksize_classes_init);
module_exit(ksize_classes_exit);
MODULE_DESCRIPTION("ksize of every size class, around its borders");
MODULE_LICENSE("GPL");
