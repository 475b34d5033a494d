// SPDX-License-Identifier: GPL-2.0
/*
 * Alignment of slab objects: by default, by an align argument, to cache lines.
 *
 * SLAB_HWCACHE_ALIGN aligns to a cache line, or to a half or a quarter of one
 * where an object is small enough for several to fit in. ksize() says how many
 * bytes of the object may be used.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/log2.h>
#include <linux/module.h>
#include <linux/slab.h>

#define OBJECTS 20

static const struct {
	unsigned int size, align;
	slab_flags_t flags;
} cases[] = {
	{ 3, 0, 0 }, { 24, 0, 0 }, { 100, 0, 0 }, { 200, 0, 0 },
	{ 3, 0, SLAB_HWCACHE_ALIGN }, { 24, 0, SLAB_HWCACHE_ALIGN }, { 33, 0, SLAB_HWCACHE_ALIGN },
	{ 100, 0, SLAB_HWCACHE_ALIGN }, { 200, 0, SLAB_HWCACHE_ALIGN },
	{ 24, 16, 0 }, { 24, 128, 0 }, { 100, 32, 0 }, { 100, 1024, 0 }, { 5000, 4096, 0 },
	{ 24, 16, SLAB_HWCACHE_ALIGN },
};

/* All addresses that the objects have in common end in as many zero bits as this. */
static unsigned long alignment_of(void **objects)
{
	unsigned long bits = 0;
	int i;

	for (i = 0; i < OBJECTS; i++)
		bits |= (unsigned long)objects[i];
	return bits & -bits;
}

static void free_all(struct kmem_cache *cache, void **objects, int n)
{
	while (n--)
		kmem_cache_free(cache, objects[n]);
}

static int show(unsigned int size, unsigned int align, slab_flags_t flags)
{
	struct kmem_cache *cache = kmem_cache_create("slab_align-object", size, align, flags, NULL);
	void *objects[OBJECTS];
	int i;

	if (!cache)
		return -ENOMEM;
	for (i = 0; i < OBJECTS; i++) {
		objects[i] = kmem_cache_alloc(cache, GFP_KERNEL);
		if (!objects[i]) {
			free_all(cache, objects, i);
			kmem_cache_destroy(cache);
			return -ENOMEM;
		}
	}
	pr_info("size %u, align %u%s: aligned to %lu\n", size, align,
		flags & SLAB_HWCACHE_ALIGN ? ", HWCACHE_ALIGN" : "", alignment_of(objects));
	free_all(cache, objects, OBJECTS);
	kmem_cache_destroy(cache);
	return 0;
}

static int __init slab_align_init(void)
{
	int i, err = 0;

	for (i = 0; i < ARRAY_SIZE(cases) && !err; i++)
		err = show(cases[i].size, cases[i].align, cases[i].flags);
	return err;
}

static void __exit slab_align_exit(void)
{
	pr_info("exit\n");
}

module_init(slab_align_init);
module_exit(slab_align_exit);
MODULE_DESCRIPTION("How slab objects are aligned");
MODULE_LICENSE("GPL");
