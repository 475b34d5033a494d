// SPDX-License-Identifier: GPL-2.0
/* A ring of messages: what a small driver allocates when it is loaded. One of its error paths loses memory. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt
#include <linux/module.h>
#include <linux/percpu.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

struct ring {
	char *text;
	unsigned long __percpu *hits;
	struct kmem_cache *entries;
};

static unsigned int kib = 64;
module_param(kib, uint, 0444);
MODULE_PARM_DESC(kib, "size of the ring in KiB");

static struct ring *ring;

static struct ring *ring_create(size_t size)
{
	struct ring *r = kzalloc(sizeof(*r), GFP_KERNEL);

	if (!r)
		return NULL;
	r->text = vmalloc(size);
	if (!r->text)
		goto no_text;
	r->hits = alloc_percpu(unsigned long);
	if (!r->hits)
		goto no_text;	/* and who frees the text? */
	r->entries = kmem_cache_create("ringlog_entry", 48, 0, 0, NULL);
	if (!r->entries)
		goto no_entries;
	return r;

no_entries:
	free_percpu(r->hits);
	vfree(r->text);
no_text:
	kfree(r);
	return NULL;
}

static int __init ringlog_init(void)
{
	ring = ring_create(kib * 1024UL);
	if (!ring)
		return -ENOMEM;
	pr_info("%u KiB\n", kib);
	return 0;
}

static void __exit ringlog_exit(void)
{
	kmem_cache_destroy(ring->entries);
	free_percpu(ring->hits);
	vfree(ring->text);
	kfree(ring);
}

module_init(ringlog_init);
module_exit(ringlog_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("An example: a driver that is tested by fault sweeps");
