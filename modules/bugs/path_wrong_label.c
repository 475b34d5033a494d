// SPDX-License-Identifier: GPL-2.0
/* Where alloc_percpu() fails, the goto leads behind the label that frees the table. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/mm.h>
#include <linux/module.h>
#include <linux/percpu.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

struct index {
	u32 *table;
	char *name;
	unsigned int __percpu *uses;
};

static struct index idx;

static int __init index_init(void)
{
	idx.name = kasprintf(GFP_KERNEL, "index-%d", 1);
	if (!idx.name)
		return -ENOMEM;
	idx.table = vzalloc(3 * PAGE_SIZE);	/* finds: leak, when alloc_percpu fails */
	if (!idx.table)
		goto free_name;
	idx.uses = alloc_percpu(unsigned int);
	if (!idx.uses)
		goto free_name;
	this_cpu_inc(*idx.uses);
	pr_info("%s is there\n", idx.name);
	return 0;

free_name:
	kfree(idx.name);
	return -ENOMEM;
}

static void __exit index_exit(void)
{
	free_percpu(idx.uses);
	vfree(idx.table);
	kfree(idx.name);
	pr_info("exit\n");
}

module_init(index_init);
module_exit(index_exit);
MODULE_DESCRIPTION("A goto to the label below the right one");
MODULE_LICENSE("GPL");
