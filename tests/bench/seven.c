// SPDX-License-Identifier: GPL-2.0
/* Seven kinds of allocation, each with its error path: what a sweep is measured with. */
#include <linux/gfp.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/percpu.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

static struct miscdevice device = { .minor = MISC_DYNAMIC_MINOR, .name = "seven" };
static struct kmem_cache *cache;
static char *name, *object;
static int *area;
static struct page *page;
static int __percpu *counter;

static noinline int setup(void)
{
	name = kmalloc(100, GFP_KERNEL);
	if (!name)
		return -ENOMEM;
	name[0] = 1;
	name[99] = 2;
	cache = kmem_cache_create("seven", 48, 8, 0, NULL);
	if (!cache)
		goto free_name;
	object = kmem_cache_alloc(cache, GFP_KERNEL);
	if (!object)
		goto destroy_cache;
	object[47] = 3;
	area = vmalloc(16384);
	if (!area)
		goto free_object;
	area[3000] = 1;
	page = alloc_page(GFP_KERNEL);
	if (!page)
		goto free_area;
	counter = alloc_percpu(int);
	if (!counter)
		goto free_page;
	if (misc_register(&device))
		goto free_counter;
	return 0;

free_counter:
	free_percpu(counter);
free_page:
	__free_page(page);
free_area:
	vfree(area);
free_object:
	kmem_cache_free(cache, object);
destroy_cache:
	kmem_cache_destroy(cache);
free_name:
	kfree(name);
	return -ENOMEM;
}

static int __init seven_init(void)
{
	int result;

	pr_info("start %d\n", 7);
	result = setup();
	if (result)
		pr_warn("failed: %d\n", result);
	return result;
}

static void __exit seven_exit(void)
{
	misc_deregister(&device);
	free_percpu(counter);
	__free_page(page);
	vfree(area);
	kmem_cache_free(cache, object);
	kmem_cache_destroy(cache);
	kfree(name);
	pr_info("bye\n");
}

module_init(seven_init);
module_exit(seven_exit);
MODULE_LICENSE("GPL");
