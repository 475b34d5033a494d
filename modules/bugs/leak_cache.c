// SPDX-License-Identifier: GPL-2.0
/* The objects are given back, the cache itself is never destroyed. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/module.h>
#include <linux/slab.h>

struct session {
	unsigned long id;
	char key[48];
};

static struct kmem_cache *sessions;
static struct session *first;

static int __init sessions_init(void)
{
	sessions = kmem_cache_create("leak_cache", sizeof(struct session), 0, SLAB_HWCACHE_ALIGN, NULL);	/* finds: leak */
	if (!sessions)
		return -ENOMEM;
	first = kmem_cache_zalloc(sessions, GFP_KERNEL);
	if (!first) {
		kmem_cache_destroy(sessions);
		return -ENOMEM;
	}
	first->id = 1;
	pr_info("session %lu\n", first->id);
	return 0;
}

static void __exit sessions_exit(void)
{
	kmem_cache_free(sessions, first);
	pr_info("exit\n");
}

module_init(sessions_init);
module_exit(sessions_exit);
MODULE_DESCRIPTION("A cache that is never destroyed");
MODULE_LICENSE("GPL");
