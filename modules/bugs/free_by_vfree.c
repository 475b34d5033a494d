// SPDX-License-Identifier: GPL-2.0
/* The small map comes from kmalloc() and is freed by vfree(). */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/mm.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/vmalloc.h>

static unsigned long *map;

static int __init map_init(void)
{
	map = kcalloc(32, sizeof(*map), GFP_KERNEL);	/* finds: leak */
	if (!map)
		return -ENOMEM;
	map[3] = 0xff;
	pr_info("map[3] %lx\n", map[3]);
	return 0;
}

static void __exit map_exit(void)
{
	vfree(map);	/* finds: mismatched-free */
	pr_info("exit\n");
}

module_init(map_init);
module_exit(map_exit);
MODULE_DESCRIPTION("vfree() of what kmalloc() gave");
MODULE_LICENSE("GPL");
