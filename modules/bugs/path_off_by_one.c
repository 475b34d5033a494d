// SPDX-License-Identifier: GPL-2.0
/* The loop that frees what it has got so far stops before the first element. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/module.h>
#include <linux/slab.h>

#define RINGS 4

static void *rings[RINGS];

static int __init rings_init(void)
{
	int i;

	for (i = 0; i < RINGS; i++) {
		rings[i] = kmalloc(256, GFP_KERNEL);	/* finds: leak, when kmalloc fails again */
		if (!rings[i])
			goto fail;
	}
	pr_info("%d rings\n", RINGS);
	return 0;
fail:
	while (--i > 0)
		kfree(rings[i]);
	return -ENOMEM;
}

static void __exit rings_exit(void)
{
	int i;

	for (i = 0; i < RINGS; i++)
		kfree(rings[i]);
	pr_info("exit\n");
}

module_init(rings_init);
module_exit(rings_exit);
MODULE_DESCRIPTION("An array that is freed but for its first element");
MODULE_LICENSE("GPL");
