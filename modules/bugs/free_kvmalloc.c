// SPDX-License-Identifier: GPL-2.0
/* A large table from kvmalloc() comes from vmalloc(), and is freed by kfree(). */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/mm.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/string.h>

struct bucket {
	u32 first;
	u32 count;
};

static struct bucket *buckets;
static unsigned long nr_buckets = 1 << 20;

static int __init hash_init_table(void)
{
	buckets = kvmalloc_array(nr_buckets, sizeof(*buckets), GFP_KERNEL);
	if (!buckets)
		return -ENOMEM;
	buckets[0].count = 1;
	pr_info("%lu buckets\n", nr_buckets);
	return 0;
}

static void __exit hash_exit(void)
{
	kfree(buckets);	/* finds: invalid-free; page-fault */
	pr_info("exit\n");
}

module_init(hash_init_table);
module_exit(hash_exit);
MODULE_DESCRIPTION("kfree() of what kvmalloc() may take from vmalloc()");
MODULE_LICENSE("GPL");
