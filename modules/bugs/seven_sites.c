// SPDX-License-Identifier: GPL-2.0
/*
 * Seven kinds of allocation in one init. Two of its error paths leak: where alloc_page() fails, the
 * table stays; where misc_register() fails, the counters of each CPU stay.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/fs.h>
#include <linux/gfp.h>
#include <linux/miscdevice.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/percpu.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

struct unit {
	u32 id;
	u8 state[40];
};

static struct kmem_cache *units;
static struct unit *unit;
static char *name;
static u32 *table;
static struct page *page;
static unsigned long __percpu *calls;

static const struct file_operations seven_fops = {
	.owner = THIS_MODULE,
};

static struct miscdevice device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "seven_sites",
	.fops = &seven_fops,
};

static int __init seven_init(void)
{
	int err = -ENOMEM;

	name = kmalloc(100, GFP_KERNEL);
	if (!name)
		return -ENOMEM;
	units = kmem_cache_create("seven_sites", sizeof(struct unit), 0, SLAB_HWCACHE_ALIGN, NULL);
	if (!units)
		goto free_name;
	unit = kmem_cache_alloc(units, GFP_KERNEL);
	if (!unit)
		goto destroy_cache;
	table = vmalloc(20000);	/* finds: leak, when alloc_page fails */
	if (!table)
		goto free_unit;
	page = alloc_page(GFP_KERNEL);
	if (!page)
		goto free_unit;
	calls = alloc_percpu(unsigned long);	/* finds: leak, when misc_register fails */
	if (!calls)
		goto free_page;
	err = misc_register(&device);
	if (err)
		goto free_page;
	pr_info("all there\n");
	return 0;

free_page:
	__free_page(page);
	vfree(table);
free_unit:
	kmem_cache_free(units, unit);
destroy_cache:
	kmem_cache_destroy(units);
free_name:
	kfree(name);
	return err;
}

static void __exit seven_exit(void)
{
	misc_deregister(&device);
	free_percpu(calls);
	__free_page(page);
	vfree(table);
	kmem_cache_free(units, unit);
	kmem_cache_destroy(units);
	kfree(name);
	pr_info("exit\n");
}

module_init(seven_init);
module_exit(seven_exit);
MODULE_DESCRIPTION("Seven kinds of allocation in one init");
MODULE_LICENSE("GPL");
