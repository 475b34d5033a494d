// SPDX-License-Identifier: GPL-2.0
/* Long messages are given back to the cache of the short ones. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/module.h>
#include <linux/slab.h>

struct message {
	struct kmem_cache *from;
	u8 length;
	char text[];
};

static struct kmem_cache *short_messages, *long_messages;

static struct message *message_new(u8 length)
{
	struct kmem_cache *cache = length > 24 ? long_messages : short_messages;
	struct message *m = kmem_cache_alloc(cache, GFP_KERNEL);

	if (m) {
		m->from = cache;
		m->length = length;
	}
	return m;
}

static void message_free(struct message *m)
{
	pr_info("free a message of %u bytes\n", m->length);
	kmem_cache_free(short_messages, m);	/* finds: mismatched-free */
	pr_info("freed\n");
}

static int __init messages_init(void)
{
	struct message *m;

	short_messages = kmem_cache_create("free_wrong_cache-short", sizeof(*m) + 24, 0, SLAB_POISON, NULL);
	long_messages = kmem_cache_create("free_wrong_cache-long", sizeof(*m) + 200, 0, SLAB_POISON, NULL);
	m = short_messages && long_messages ? message_new(80) : NULL;
	if (!m) {
		kmem_cache_destroy(long_messages);
		kmem_cache_destroy(short_messages);
		return -ENOMEM;
	}
	message_free(m);
	return 0;
}

static void __exit messages_exit(void)
{
	kmem_cache_destroy(long_messages);
	kmem_cache_destroy(short_messages);
	pr_info("exit\n");
}

module_init(messages_init);
module_exit(messages_exit);
MODULE_DESCRIPTION("An object that goes to another cache than it came from");
MODULE_LICENSE("GPL");
