// SPDX-License-Identifier: GPL-2.0
/*
 * Uses of memory that nobody has initialised, each in a function of its own; how= chooses one. The line that does it is
 * marked with "bad: HOW". Those after "what is right" do nothing wrong.
 */
#include <linux/gfp.h>
#include <linux/init.h>
#include <linux/list.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/percpu.h>
#include <linux/printk.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/vmalloc.h>

static char *how = "";
module_param(how, charp, 0);

struct item {
	u32 id;
	s32 level;
	u8 kind;
	void *data;
	int (*call)(int);
	struct list_head link;
	char name[16];
};

static struct item *kept;
static unsigned int counts[4];
static int table[8];
static char letters[256] = "0123456789";

static struct item *make(void)
{
	struct item *item = kmalloc(sizeof(*item), GFP_KERNEL);

	if (item)
		item->id = 7;
	return item;
}

static int use_branch(struct item *item)
{
	if (item->level) /* bad: branch */
		counts[0]++;
	return 0;
}

static int use_sign(struct item *item)
{
	if (item->level < 0) /* bad: sign */
		counts[1]++;
	return 0;
}

static int use_bit(struct item *item)
{
	if (item->kind & 2) /* bad: bit */
		counts[2]++;
	return 0;
}

static int use_value(struct item *item)
{
	pr_info("level %d\n", item->level); /* bad: value */
	return 0;
}

static int use_string(struct item *item)
{
	memcpy(item->name, "abc", 3);
	item->name[15] = 0;
	pr_info("name %s\n", item->name); /* bad: string */
	return 0;
}

static int use_bytes(struct item *item)
{
	pr_info("start %*ph\n", 9, item); /* bad: bytes */
	return 0;
}

static int use_dump(struct item *item)
{
	print_hex_dump(KERN_INFO, "dump ", DUMP_PREFIX_NONE, 16, 1, item->name, 16, true); /* bad: dump */
	return 0;
}

static int use_index(struct item *item)
{
	table[item->level & 0xfffffff]++; /* bad: index */
	return 0;
}

static int use_pointer(struct item *item)
{
	*(int *)item->data = 1; /* bad: pointer */
	return 0;
}

static int use_argument(struct item *item)
{
	kfree(item->data); /* bad: argument */
	return 0;
}

static int use_narrow(struct item *item)
{
	void *more = kmalloc(item->kind + 1, GFP_KERNEL); /* bad: narrow */

	kfree(more);
	return 0;
}

static int use_result(struct item *item)
{
	return item->level & 16 ? -EINVAL : 0;
}

static int use_lock(struct item *item)
{
	struct mutex *lock = kmalloc(sizeof(*lock), GFP_KERNEL);

	if (!lock)
		return -ENOMEM;
	mutex_lock(lock); /* bad: lock */
	mutex_unlock(lock);
	kfree(lock);
	return 0;
}

static int use_list(struct item *item)
{
	struct list_head new;

	item->link.prev = &item->link;
	list_add(&new, &item->link); /* bad: list */
	return 0;
}

static int use_compare(struct item *item)
{
	if (memcmp(item->name, "abcdefgh", 8) > 0) /* bad: compare */
		counts[3]++;
	return 0;
}

static int use_length(struct item *item)
{
	char *copy = kzalloc(256, GFP_KERNEL);

	if (!copy)
		return -ENOMEM;
	memmove(copy, letters, item->kind); /* bad: length */
	pr_info("copy %s\n", copy);
	kfree(copy);
	return 0;
}

static int use_bound(struct item *item)
{
	s32 i;

	for (i = 0; i < item->level; i++) /* bad: bound */
		counts[i & 3]++;
	return 0;
}

/* Other allocators. */

static int use_array(struct item *item)
{
	u16 *many = kmalloc_array(100, sizeof(*many), GFP_KERNEL);

	if (!many)
		return -ENOMEM;
	memset(many, 0, 99 * sizeof(*many));
	if (many[99]) /* bad: array */
		counts[0]++;
	kfree(many);
	return 0;
}

static int use_cache(struct item *item)
{
	struct kmem_cache *cache = kmem_cache_create("uninit_item", 1000, 0, 0, NULL);
	struct item *other = cache ? kmem_cache_alloc(cache, GFP_KERNEL) : NULL;

	if (!other)
		return -ENOMEM;
	pr_info("kind %u\n", other->kind); /* bad: cache */
	kmem_cache_free(cache, other);
	kmem_cache_destroy(cache);
	return 0;
}

static int use_page(struct item *item)
{
	unsigned long page = __get_free_pages(GFP_KERNEL, 1);

	if (!page)
		return -ENOMEM;
	if (((u8 *)page)[5000] == 0) /* bad: page */
		counts[0]++;
	free_pages(page, 1);
	return 0;
}

static int use_vmalloc(struct item *item)
{
	u32 *area = vmalloc(3 * PAGE_SIZE);

	if (!area)
		return -ENOMEM;
	pr_info("word %x\n", area[2500]); /* bad: vmalloc */
	vfree(area);
	return 0;
}

static int use_large(struct item *item)
{
	u32 *large = kmalloc(100000, GFP_KERNEL);

	if (!large)
		return -ENOMEM;
	if (large[20000]) /* bad: large */
		counts[0]++;
	kfree(large);
	return 0;
}

static int use_grown(struct item *item)
{
	u8 *first = kzalloc(64, GFP_KERNEL), *grown = krealloc(first, 300, GFP_KERNEL);

	if (!grown)
		return -ENOMEM;
	if (grown[200]) /* bad: grown */
		counts[0]++;
	kfree(grown);
	return 0;
}

static int use_again(struct item *item)
{
	u8 *first = kzalloc(192, GFP_KERNEL), *again;

	kfree(first);
	again = kmalloc(192, GFP_KERNEL);
	if (!again)
		return -ENOMEM;
	if (again[100]) /* bad: again */
		counts[0]++;
	kfree(again);
	return 0;
}

/* What is not about initialising. */

static int use_freed(struct item *item)
{
	u8 *gone = kmalloc(500, GFP_KERNEL);

	if (!gone)
		return -ENOMEM;
	kfree(gone);
	if (gone[9]) /* bad: freed */
		counts[0]++;
	return 0;
}

static int use_before(struct item *item)
{
	u8 *gone = kmalloc(500, GFP_KERNEL), value;

	if (!gone)
		return -ENOMEM;
	value = READ_ONCE(gone[9]);
	kfree(gone);
	if (value) /* bad: before */
		counts[0]++;
	return 0;
}

static int use_beyond(struct item *item)
{
	u8 *first = kmalloc(500, GFP_KERNEL);

	if (!first)
		return -ENOMEM;
	if (first[512 * 3 + 4]) /* bad: beyond */
		counts[0]++;
	kfree(first);
	return 0;
}

static void build(void *object)
{
	memset(object, 0, offsetof(struct item, name));
}

static struct item *constructed(struct kmem_cache **cache)
{
	*cache = kmem_cache_create("uninit_built", sizeof(struct item), 0, 0, build);
	return *cache ? kmem_cache_alloc(*cache, GFP_KERNEL) : NULL;
}

static int use_constructed(struct item *item)
{
	struct kmem_cache *cache;
	struct item *other = constructed(&cache);

	if (!other)
		return -ENOMEM;
	if (other->name[3]) /* bad: constructed */
		counts[0]++;
	kmem_cache_free(cache, other);
	kmem_cache_destroy(cache);
	return 0;
}

/* Done at exit only. */

static int use_exit(struct item *item)
{
	return 0;
}

/* What is right. */

struct padded {
	u8 small;
	u64 large;
	u8 last;
};

static int fine_padding(struct item *item)
{
	struct padded *one = kmalloc(sizeof(*one), GFP_KERNEL), *two = kmalloc(sizeof(*two), GFP_KERNEL), copy;

	if (!one || !two)
		return -ENOMEM;
	one->small = 1;
	one->large = 2;
	one->last = 3;
	*two = *one;
	copy = *two;
	memcpy(one, &copy, sizeof(copy));
	pr_info("padded %u %llu %u\n", one->small, one->large, one->last);
	kfree(one);
	kfree(two);
	return 0;
}

static int fine_partly(struct item *item)
{
	char *from = kmalloc(200, GFP_KERNEL), *to = kmemdup(from, 200, GFP_KERNEL);

	if (!from || !to)
		return -ENOMEM;
	strcpy(from, "only this");
	memcpy(to, from, 200);
	memmove(to + 50, to, 100);
	pr_info("%s %p %*ph\n", to + 50, from, 4, to);
	kfree(from);
	kfree(to);
	return 0;
}

struct bits {
	u32 a : 3, b : 5, c : 1;
};

static int fine_bits(struct item *item)
{
	struct bits *bits = kmalloc(sizeof(*bits), GFP_KERNEL);

	if (!bits)
		return -ENOMEM;
	bits->b = 21;
	bits->c = 1;
	if (bits->b == 21 && bits->c)
		pr_info("bits %u\n", bits->b);
	kfree(bits);
	return 0;
}

static int fine_sum(struct item *item)
{
	struct padded *whole = kzalloc(sizeof(*whole), GFP_KERNEL);
	unsigned int i, sum = 0;

	if (!whole)
		return -ENOMEM;
	whole->large = 300;
	for (i = 0; i < sizeof(*whole); i++)
		sum += ((u8 *)whole)[i];
	pr_info("sum %u of %u\n", sum, (unsigned int)ksize(whole));
	kfree(whole);
	return 0;
}

static int fine_zeroed(struct item *item)
{
	u8 *one = kzalloc(100, GFP_KERNEL), *many = kcalloc(10, 30, GFP_KERNEL), *area = vzalloc(5000);
	unsigned long page = get_zeroed_page(GFP_KERNEL);
	u64 __percpu *each = alloc_percpu(u64);

	if (!one || !many || !area || !page || !each)
		return -ENOMEM;
	pr_info("%u %u %u %u %u %u\n", one[99], many[299], area[4999], ((u8 *)page)[4000], table[5],
		(unsigned int)*this_cpu_ptr(each));
	kfree(one);
	kfree(many);
	vfree(area);
	free_page(page);
	free_percpu(each);
	return 0;
}

static int fine_constructed(struct item *item)
{
	struct kmem_cache *cache;
	struct item *other = constructed(&cache);

	if (!other)
		return -ENOMEM;
	pr_info("built %u %d\n", other->id, other->level);
	other->level = 5;
	kmem_cache_free(cache, other);
	other = kmem_cache_alloc(cache, GFP_KERNEL);
	if (!other)
		return -ENOMEM;
	pr_info("kept %u\n", other->kind);
	kmem_cache_free(cache, other);
	kmem_cache_destroy(cache);
	return 0;
}

static int fine_item(struct item *item)
{
	item->level = -3;
	item->kind = 2;
	if (item->level < 0 && item->kind & 2)
		pr_info("%u %d %u\n", item->id, item->level, item->kind);
	return 0;
}

static const struct {
	const char *name;
	int (*use)(struct item *item);
} uses[] = {
	{ "branch", use_branch }, { "sign", use_sign }, { "bit", use_bit }, { "value", use_value },
	{ "string", use_string }, { "bytes", use_bytes }, { "dump", use_dump }, { "index", use_index },
	{ "pointer", use_pointer }, { "argument", use_argument }, { "narrow", use_narrow }, { "result", use_result },
	{ "lock", use_lock }, { "list", use_list }, { "compare", use_compare }, { "length", use_length }, { "bound", use_bound },
	{ "array", use_array }, { "cache", use_cache }, { "page", use_page }, { "vmalloc", use_vmalloc },
	{ "large", use_large }, { "grown", use_grown }, { "again", use_again }, { "constructed", use_constructed },
	{ "exit", use_exit }, { "freed", use_freed }, { "before", use_before }, { "beyond", use_beyond },
	{ "fine_padding", fine_padding }, { "fine_partly", fine_partly }, { "fine_bits", fine_bits },
	{ "fine_sum", fine_sum }, { "fine_zeroed", fine_zeroed }, { "fine_constructed", fine_constructed },
	{ "fine_item", fine_item },
};

static int __init heap_init(void)
{
	unsigned int i;

	kept = make();
	if (!kept)
		return -ENOMEM;
	for (i = 0; i < sizeof(uses) / sizeof(uses[0]); i++)
		if (!strcmp(uses[i].name, how)) {
			int result = uses[i].use(kept);

			if (result)
				kfree(kept);
			return result;
		}
	return -ENOENT;
}

static void __exit heap_exit(void)
{
	if (!strcmp(how, "exit") && kept->kind) /* bad: exit */
		counts[0]++;
	kfree(kept);
}

module_init(heap_init);
module_exit(heap_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Uninitialised memory in the heap");
