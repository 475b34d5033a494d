// SPDX-License-Identifier: GPL-2.0
/* The elements in use go back into the pool, and then the pool is destroyed with its reserve. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/mempool.h>
#include <linux/module.h>
#include <linux/slab.h>

#define RESERVE 4

static mempool_t *pool;

static int __init bounce_init(void)
{
	void *buffer;

	pool = mempool_create_kmalloc_pool(RESERVE, 256);	
	if (!pool)
		return -ENOMEM;
	buffer = mempool_alloc(pool, GFP_KERNEL);
	if (buffer)
		mempool_free(buffer, pool);
	pr_info("%d in reserve\n", pool->curr_nr);
	return 0;
}

static void __exit bounce_exit(void)
{
	pr_info("exit, %d in reserve\n", pool->curr_nr);
	mempool_destroy(pool);
}

module_init(bounce_init);
module_exit(bounce_exit);
MODULE_DESCRIPTION("A reserve that is not given back");
MODULE_LICENSE("GPL");
