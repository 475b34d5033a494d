// SPDX-License-Identifier: GPL-2.0
/* Without the cache there is no device. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/module.h>
#include <linux/slab.h>

static struct kmem_cache *urbs;
static void *urb;

static int __init urbs_init(void)
{
	urbs = kmem_cache_create("null_cache_create_fixed", 192, 0, SLAB_HWCACHE_ALIGN, NULL);
	if (!urbs)
		return -ENOMEM;
	urb = kmem_cache_alloc(urbs, GFP_KERNEL);
	if (!urb) {
		kmem_cache_destroy(urbs);
		return -ENOMEM;
	}
	pr_info("one request\n");
	return 0;
}

static void __exit urbs_exit(void)
{
	kmem_cache_free(urbs, urb);
	kmem_cache_destroy(urbs);
	pr_info("exit\n");
}

module_init(urbs_init);
module_exit(urbs_exit);
MODULE_DESCRIPTION("kmem_cache_create() whose result is not checked");
MODULE_LICENSE("GPL");
