// SPDX-License-Identifier: GPL-2.0
/*
 * mempool: a reserve for allocations that must not fail.
 *
 * A pool holds min_nr elements back. mempool_alloc() asks the allocator first
 * and takes from the reserve only when that fails; mempool_free() fills the
 * reserve up before it gives anything back. Here the allocator is one of our own
 * that can be told to fail.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/mempool.h>
#include <linux/module.h>
#include <linux/slab.h>

#define RESERVE 3

static int calls, frees;
static bool exhausted;

static void *element_alloc(gfp_t gfp, void *pool_data)
{
	calls++;
	return exhausted ? NULL : kmalloc((long)pool_data, gfp);
}

static void element_free(void *element, void *pool_data)
{
	frees++;
	kfree(element);
}

static void show(const char *what, mempool_t *pool)
{
	pr_info("%s: in reserve %d of %d, allocated %d times, freed %d times\n", what, pool->curr_nr, pool->min_nr, calls,
		frees);
}

static int __init mempool_reserve_init(void)
{
	mempool_t *pool = mempool_create(RESERVE, element_alloc, element_free, (void *)100);
	void *taken[RESERVE + 1];
	int i;

	if (!pool)
		return -ENOMEM;
	show("created", pool);
	taken[0] = mempool_alloc(pool, GFP_KERNEL);
	show("one from the allocator", pool);
	exhausted = true;
	for (i = 1; i <= RESERVE; i++)
		taken[i] = mempool_alloc(pool, GFP_NOWAIT);
	show("the others from the reserve", pool);
	pr_info("reserve empty: %s\n", mempool_alloc(pool, GFP_NOWAIT) ? "an element" : "NULL");
	exhausted = false;
	for (i = 0; i <= RESERVE; i++) {
		mempool_free(taken[i], pool);
		show("one freed", pool);
	}
	pr_info("mempool_resize(5): %d\n", mempool_resize(pool, 5));
	show("resized", pool);
	mempool_destroy(pool);
	pr_info("destroyed: allocated %d times, failed ones included, freed %d times\n", calls, frees);

	pool = mempool_create_kmalloc_pool(2, 64);
	if (!pool)
		return -ENOMEM;
	pr_info("kmalloc pool: in reserve %d, ksize %zu\n", pool->curr_nr, ksize(pool->elements[0]));
	mempool_destroy(pool);
	return 0;
}

static void __exit mempool_reserve_exit(void)
{
	pr_info("exit\n");
}

module_init(mempool_reserve_init);
module_exit(mempool_reserve_exit);
MODULE_DESCRIPTION("A mempool and its reserve");
MODULE_LICENSE("GPL");
