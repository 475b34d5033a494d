// SPDX-License-Identifier: GPL-2.0
/*
 * Errors in pointers: the last 4095 addresses are no memory, so they stand for -errno.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/err.h>
#include <linux/module.h>
#include <linux/slab.h>

static void *make(int size)
{
	void *mem;

	if (size < 0)
		return ERR_PTR(-EINVAL);
	mem = kmalloc(size, GFP_KERNEL | __GFP_NOWARN);
	return mem ?: ERR_PTR(-ENOMEM);
}

static void show(int size)
{
	void *mem = make(size);

	if (IS_ERR(mem)) {
		pr_info("make(%d): error %ld, %pe\n", size, PTR_ERR(mem), mem);
		return;
	}
	pr_info("make(%d): ok, PTR_ERR_OR_ZERO %d\n", size, PTR_ERR_OR_ZERO(mem));
	kfree(mem);
}

static int __init err_pointers_init(void)
{
	show(100);
	show(-1);
	show(100 << 20);
	pr_info("IS_ERR(NULL) %d, IS_ERR_OR_NULL(NULL) %d\n", IS_ERR(NULL), IS_ERR_OR_NULL(NULL));
	pr_info("MAX_ERRNO %d, IS_ERR_VALUE(-4095) %d, IS_ERR_VALUE(-4096) %d\n", MAX_ERRNO,
		!!IS_ERR_VALUE(-4095L), !!IS_ERR_VALUE(-4096L));
	pr_info("ERR_CAST: %ld\n", PTR_ERR(ERR_CAST(make(-1))));
	return 0;
}

static void __exit err_pointers_exit(void)
{
	pr_info("exit\n");
}

module_init(err_pointers_init);
module_exit(err_pointers_exit);
MODULE_DESCRIPTION("Error numbers in pointers");
MODULE_LICENSE("GPL");
