// SPDX-License-Identifier: GPL-2.0
/* The buffer grows with GFP_ATOMIC between local_bh_disable() and local_bh_enable(). */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/bottom_half.h>
#include <linux/module.h>
#include <linux/slab.h>

static u8 *buffer;
static size_t size;

static int grow(size_t wanted)
{
	u8 *larger;

	local_bh_disable();
	larger = krealloc(buffer, wanted, GFP_ATOMIC);
	if (larger) {
		buffer = larger;
		size = wanted;
	}
	local_bh_enable();
	return larger ? 0 : -ENOMEM;
}

static int __init grow_init(void)
{
	int err = grow(100);

	if (!err)
		pr_info("%zu bytes\n", size);
	return err;
}

static void __exit grow_exit(void)
{
	kfree(buffer);
	pr_info("exit\n");
}

module_init(grow_init);
module_exit(grow_exit);
MODULE_DESCRIPTION("krealloc() with GFP_KERNEL while bottom halves are off");
MODULE_LICENSE("GPL");
