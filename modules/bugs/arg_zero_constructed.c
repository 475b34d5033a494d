// SPDX-License-Identifier: GPL-2.0
/* __GFP_ZERO is asked for from a cache whose constructor has prepared the objects. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/module.h>
#include <linux/slab.h>

struct slot {
	int state;
	char data[60];
};

static struct kmem_cache *slots;
static struct slot *slot;

static void slot_ctor(void *p)
{
	struct slot *s = p;

	s->state = 7;
}

static int __init slot_init(void)
{
	slots = kmem_cache_create("arg_zero_constructed", sizeof(*slot), 0, 0, slot_ctor);
	if (!slots)
		return -ENOMEM;
	slot = kmem_cache_zalloc(slots, GFP_KERNEL);	/* finds: bad-argument */
	if (!slot) {
		kmem_cache_destroy(slots);
		return -ENOMEM;
	}
	pr_info("there is a slot\n");
	return 0;
}

static void __exit slot_exit(void)
{
	kmem_cache_free(slots, slot);
	kmem_cache_destroy(slots);
	pr_info("exit\n");
}

module_init(slot_init);
module_exit(slot_exit);
MODULE_DESCRIPTION("Zeroed memory of a cache with a constructor");
MODULE_LICENSE("GPL");
