// SPDX-License-Identifier: GPL-2.0
/*
 * A cache with a constructor.
 *
 * The constructor runs once for each object when a slab is made, not for each
 * kmem_cache_alloc(). So the first allocation constructs a whole slab, and an
 * object must be given back in its constructed state: the next user gets it as
 * it is, even where the kernel clears memory that it hands out.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/list.h>
#include <linux/module.h>
#include <linux/slab.h>

#define MAGIC 0x600d

struct object {
	struct list_head link;
	unsigned int magic;
	char payload[236];
};

static unsigned int constructed;

static void construct(void *mem)
{
	struct object *obj = mem;

	INIT_LIST_HEAD(&obj->link);
	obj->magic = MAGIC;
	constructed++;
}

/* Takes objects until the constructor is called again: these are one slab full. */
static int fill_one_slab(struct kmem_cache *cache, struct list_head *all)
{
	unsigned int first_slab = constructed;
	struct object *obj;
	int taken = 0;

	while (constructed == first_slab) {
		obj = kmem_cache_alloc(cache, GFP_KERNEL);
		if (!obj)
			return -ENOMEM;
		if (obj->magic != MAGIC || !list_empty(&obj->link))
			pr_err("not constructed\n");
		list_add(&obj->link, all);
		taken++;
	}
	return taken;
}

static int __init slab_ctor_init(void)
{
	struct kmem_cache *cache;
	struct object *obj, *next;
	LIST_HEAD(all);
	int taken;

	cache = kmem_cache_create("slab_ctor-object", sizeof(struct object), 0, 0, construct);
	if (!cache)
		return -ENOMEM;
	pr_info("object of %u bytes; constructed after create: %u\n", kmem_cache_size(cache), constructed);

	obj = kmem_cache_alloc(cache, GFP_KERNEL);
	if (!obj) {
		kmem_cache_destroy(cache);
		return -ENOMEM;
	}
	pr_info("after the first alloc: %u; magic %#x, list_empty %d\n", constructed, obj->magic, list_empty(&obj->link));
	obj->payload[0] = 'x';
	kmem_cache_free(cache, obj);
	obj = kmem_cache_alloc(cache, GFP_KERNEL);
	if (!obj) {
		kmem_cache_destroy(cache);
		return -ENOMEM;
	}
	pr_info("free and alloc: %u; magic %#x, payload as it was: %d\n", constructed, obj->magic, obj->payload[0] == 'x');
	list_add(&obj->link, &all);

	taken = fill_one_slab(cache, &all);
	pr_info("one slab holds %d objects; constructed now: %u\n", taken, constructed);
	list_for_each_entry_safe(obj, next, &all, link) {
		list_del_init(&obj->link);
		kmem_cache_free(cache, obj);
	}
	kmem_cache_destroy(cache);
	return taken < 0 ? taken : 0;
}

static void __exit slab_ctor_exit(void)
{
	pr_info("exit: constructed %u\n", constructed);
}

module_init(slab_ctor_init);
module_exit(slab_ctor_exit);
MODULE_DESCRIPTION("When a slab constructor runs");
MODULE_LICENSE("GPL");
