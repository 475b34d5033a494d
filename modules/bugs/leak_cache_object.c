// SPDX-License-Identifier: GPL-2.0
/*
 * Requests that are done move to a second list, which exit forgets: their cache is destroyed with
 * objects in it.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/list.h>
#include <linux/module.h>
#include <linux/slab.h>

struct request {
	struct list_head link;
	unsigned int sector;
};

static struct kmem_cache *cache;
static LIST_HEAD(pending);
static LIST_HEAD(done);

static int submit(unsigned int sector)
{
	struct request *rq = kmem_cache_alloc(cache, GFP_KERNEL);	/* finds: leak */

	if (!rq)
		return -ENOMEM;
	rq->sector = sector;
	list_add_tail(&rq->link, &pending);
	return 0;
}

static void drop(struct list_head *list)
{
	struct request *rq, *next;

	list_for_each_entry_safe(rq, next, list, link) {
		pr_info("drop sector %u\n", rq->sector);
		list_del(&rq->link);
		kmem_cache_free(cache, rq);
	}
}

static int __init requests_init(void)
{
	int i, err = 0;

	cache = kmem_cache_create("leak_cache_object", sizeof(struct request), 0, 0, NULL);
	if (!cache)
		return -ENOMEM;
	for (i = 0; i < 4 && !err; i++)
		err = submit(i * 8);
	if (err) {
		drop(&pending);
		kmem_cache_destroy(cache);
		return err;
	}
	list_move(pending.next, &done);
	return 0;
}

static void __exit requests_exit(void)
{
	drop(&pending);
	kmem_cache_destroy(cache);	/* finds: leak, checked */
	pr_info("exit\n");
}

module_init(requests_init);
module_exit(requests_exit);
MODULE_DESCRIPTION("Objects that are still in their cache when it goes");
MODULE_LICENSE("GPL");
