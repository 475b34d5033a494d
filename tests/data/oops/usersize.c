// SPDX-License-Identifier: GPL-2.0
#include <linux/module.h>
#include <linux/kernel.h>
#include <linux/init.h>
#include <linux/slab.h>


static int __init usersize_init(void)
{
	struct kmem_cache *a = kmem_cache_create_usercopy("boxes", 40, 0, 0, 30, 20, NULL);

	pr_info("%d\n", a != NULL);
	a = kmem_cache_create_usercopy("twice", 40, 0, 0, 3, 0, NULL);
	pr_info("%d\n", a != NULL);
	kmem_cache_destroy(a);
	return 0;
}

static void __exit usersize_exit(void)
{
	pr_info("usersize: exit\n");
}

module_init(usersize_init);
module_exit(usersize_exit);
MODULE_LICENSE("GPL");
