// SPDX-License-Identifier: GPL-2.0
/* Holds memory of each kind from init to exit. */
#include <linux/gfp.h>
#include <linux/module.h>
#include <linux/percpu.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

static struct kmem_cache *cache;
static void *items[7], *large, *area;
static unsigned long block;
static u64 __percpu (*pair)[2];

static void give_back(void)
{
	int i;

	free_percpu(pair);
	vfree(area);
	free_pages(block, 2);
	kfree(large);
	for (i = 0; i < 7; i++)
		if (items[i])
			kmem_cache_free(cache, items[i]);
	kmem_cache_destroy(cache);
}

static int __init holder_init(void)
{
	bool failed;
	int i;

	cache = kmem_cache_create("holder_items", 328, 0, 0, NULL);
	if (!cache)
		return -ENOMEM;
	failed = false;
	for (i = 0; i < 7; i++) {
		items[i] = kmem_cache_alloc(cache, GFP_KERNEL);
		failed |= !items[i];
	}
	large = kmalloc(20000, GFP_KERNEL);
	block = __get_free_pages(GFP_KERNEL, 2);
	area = vmalloc(5 * PAGE_SIZE);
	pair = __alloc_percpu(16, 8);
	if (failed || !large || !block || !area || !pair) {
		give_back();
		return -ENOMEM;
	}
	return 0;
}

static void __exit holder_exit(void)
{
	give_back();
}

module_init(holder_init);
module_exit(holder_exit);
MODULE_LICENSE("GPL");
