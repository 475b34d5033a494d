// SPDX-License-Identifier: GPL-2.0
/*
 * Pools, references, readers, user ids, zones: functions of the kernel that keep their state in the caller's structures.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/mempool.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/rcupdate.h>
#include <linux/refcount.h>
#include <linux/slab.h>
#include <linux/uidgid.h>
#include <linux/cred.h>
#include <linux/user_namespace.h>

struct object {
	long value;
	struct rcu_head rcu;
};

static void pools(void)
{
	struct kmem_cache *cache = kmem_cache_create("lib_kernel", 48, 0, 0, NULL);
	mempool_t *pool = mempool_create_slab_pool(4, cache), *pages = mempool_create_page_pool(2, 1), own = { };
	void *taken[6];
	int i;

	for (i = 0; i < 6; i++)
		taken[i] = mempool_alloc(pool, GFP_KERNEL);
	pr_info("slab pool: %d of %d\n", pool->curr_nr, pool->min_nr);
	for (i = 0; i < 6; i++)
		mempool_free(taken[i], pool);
	pr_info("resize: %d", mempool_resize(pool, 2));
	pr_cont(" %d of %d", pool->curr_nr, pool->min_nr);
	pr_cont(", %d", mempool_resize(pool, 3));
	pr_cont(" %d of %d\n", pool->curr_nr, pool->min_nr);
	taken[0] = mempool_alloc(pages, GFP_KERNEL);
	pr_info("page pool: %d of %d, order %d\n", pages->curr_nr, pages->min_nr, (int)(long)pages->pool_data);
	mempool_free(taken[0], pages);
	mempool_free(NULL, pages);
	pr_info("own pool: %d, %d of %d, initialised %d\n", mempool_init_kmalloc_pool(&own, 3, 100), own.curr_nr, own.min_nr,
		mempool_initialized(&own));
	mempool_exit(&own);
	pr_info("gone: %d, initialised %d\n", own.curr_nr, mempool_initialized(&own));
	mempool_destroy(pages);
	mempool_destroy(pool);
	mempool_destroy(NULL);
	kmem_cache_destroy(cache);
}

static void references(void)
{
	refcount_t one = REFCOUNT_INIT(1), two = REFCOUNT_INIT(2);

	pr_info("dec_if_one %d %d, left %d %d\n", refcount_dec_if_one(&one), refcount_dec_if_one(&two), refcount_read(&one),
		refcount_read(&two));
	pr_info("dec_not_one %d", refcount_dec_not_one(&two));
	pr_cont(" %d, left %d\n", refcount_dec_not_one(&two), refcount_read(&two));
	pr_info("module: %d users", module_refcount(THIS_MODULE));
	pr_cont(", get %d, %d users", try_module_get(THIS_MODULE), module_refcount(THIS_MODULE));
	__module_get(THIS_MODULE);
	pr_cont(", %d users", module_refcount(THIS_MODULE));
	module_put(THIS_MODULE);
	module_put(THIS_MODULE);
	pr_cont(", %d users, no module %d\n", module_refcount(THIS_MODULE), try_module_get(NULL));
}

static void readers(void)
{
	struct object *object = kmalloc(sizeof(*object), GFP_KERNEL), *other = kmalloc(sizeof(*other), GFP_KERNEL);

	object->value = 42;
	rcu_read_lock();
	rcu_read_lock();
	kfree_rcu(object, rcu);
	pr_info("still there: %ld, depth %d\n", object->value, current->rcu_read_lock_nesting);
	rcu_read_unlock();
	pr_info("still there: %ld\n", object->value);
	rcu_read_unlock();
	kfree_rcu(other, rcu);
	synchronize_rcu();
	rcu_barrier();
	pr_info("depth %d\n", current->rcu_read_lock_nesting);
}

static void users(void)
{
	kuid_t uid = make_kuid(&init_user_ns, 1000), none = make_kuid(&init_user_ns, -1);

	pr_info("uid %u %u, valid %d %d, munged %u %u\n", __kuid_val(uid), from_kuid(&init_user_ns, uid), uid_valid(uid),
		uid_valid(none), from_kuid_munged(&init_user_ns, uid), from_kuid_munged(&init_user_ns, none));
	pr_info("gid %u %u\n", __kgid_val(make_kgid(&init_user_ns, 5)), from_kgid(&init_user_ns, KGIDT_INIT(6)));
}

/* Counters of a zone are right while they are read: taking pages changes them. */
static void zones(void)
{
	struct page *page = alloc_pages(GFP_KERNEL, 10);
	struct zone *zone = page_zone(page), *first = &NODE_DATA(0)->node_zones[0];
	unsigned long before = zone_page_state(zone, NR_FREE_PAGES), after, free = 0;
	int order;

	__free_pages(page, 10);
	after = zone_page_state(zone, NR_FREE_PAGES);
	for (order = 0; order < MAX_ORDER; order++)
		free += zone->free_area[order].nr_free << order;
	pr_info("freed 1024: %d, the areas hold about as many as are free: %d\n", after - before > 900 && after - before < 1148,
		abs((long)(free - after)) < 256);
	pr_info("first zone: %s, of node %d, starts at %lu, in the same node %d\n", first->name, zone_to_nid(first),
		first->zone_start_pfn, first->zone_pgdat == zone->zone_pgdat);
	pr_info("zones: %d populated, %d with pages\n", populated_zone(first), managed_zone(zone));
}

static int __init lib_kernel_init(void)
{
	pools();
	references();
	readers();
	users();
	zones();
	return 0;
}

static void __exit lib_kernel_exit(void)
{
}

module_init(lib_kernel_init);
module_exit(lib_kernel_exit);
MODULE_LICENSE("GPL");
