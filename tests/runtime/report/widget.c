// SPDX-License-Identifier: GPL-2.0
/* A driver with seven kinds of allocation, and four mistakes in its error paths. */
#include <linux/fs.h>
#include <linux/gfp.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/percpu.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

struct item {
	u64 key;
	char name[32];
};

static char *buffer;
static struct kmem_cache *cache;
static struct item *first;
static u64 *table;
static struct page *page;
static u64 __percpu *hits;
static unsigned long opened;

static int widget_open(struct inode *inode, struct file *file)
{
	opened++;
	return 0;
}

static const struct file_operations widget_fops = {
	.owner = THIS_MODULE,
	.open = widget_open,
};

static struct miscdevice widget_dev = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "widget",
	.fops = &widget_fops,
};

static void drop_item(struct item *item)
{
	kmem_cache_free(cache, item);
}

static int __init widget_init(void)
{
	int err = -ENOMEM;

	buffer = kmalloc(100, GFP_KERNEL);
	if (!buffer)
		return -ENOMEM;
	cache = kmem_cache_create("widget_items", sizeof(struct item), 0, 0, NULL);
	if (!cache)
		goto free_buffer;
	first = kmem_cache_alloc(cache, GFP_KERNEL);
	if (!first)
		goto destroy_cache;
	first->key = 1;
	table = vmalloc(3 * PAGE_SIZE);
	table[0] = first->key; /* not checked */
	page = alloc_page(GFP_KERNEL);
	if (!page) {
		drop_item(first);
		goto free_table; /* which frees it again */
	}
	hits = alloc_percpu(u64);
	if (!hits)
		goto free_page; /* and forgets the table */
	err = misc_register(&widget_dev);
	if (err)
		goto free_hits;
	return 0;

free_hits:
	free_percpu(hits);
free_page:
	__free_page(page);
	goto free_item;
free_table:
	vfree(table);
free_item:
	drop_item(first);
destroy_cache:
	kmem_cache_destroy(cache);
free_buffer:
	kfree(buffer);
	return err;
}

static void __exit widget_exit(void)
{
	misc_deregister(&widget_dev);
	free_percpu(hits);
	__free_page(page);
	vfree(table);
	drop_item(first);
	kmem_cache_destroy(cache);
	kfree(buffer);
}

module_init(widget_init);
module_exit(widget_exit);
MODULE_LICENSE("GPL");
