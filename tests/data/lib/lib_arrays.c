// SPDX-License-Identifier: GPL-2.0
/*
 * Nodes of xarrays, idrs and idas, as inline code sees them, after many changes.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/idr.h>
#include <linux/module.h>
#include <linux/xarray.h>

static DEFINE_XARRAY(plain);
static DEFINE_XARRAY_ALLOC(ids);
static DEFINE_XARRAY_ALLOC1(ids_from_1);
static DEFINE_IDR(idr);
static DEFINE_IDA(ida);
static unsigned int sum, nodes, random = 12345;

static void mix(unsigned long value)
{
	sum = (sum ^ (unsigned int)value ^ (unsigned int)(value >> 32)) * 16777619;
}

static unsigned int next(unsigned int below)
{
	random = random * 1103515245 + 12345;
	return (random >> 8) % below;
}

static void walk(void *entry, struct xa_node *parent, bool pointers)
{
	struct xa_node *node = (struct xa_node *)((unsigned long)entry - 2);
	int i;

	if (!xa_is_internal(entry) || (unsigned long)entry < 4096) {
		mix(xa_is_value(entry) || xa_is_internal(entry) ? (unsigned long)entry : entry != NULL);
		return;
	}
	nodes++;
	mix(node->shift | node->offset << 8 | node->count << 16 | node->nr_values << 24);
	mix(node->parent == parent);
	for (i = 0; i < XA_MAX_MARKS; i++)
		mix(node->marks[i][0]);
	for (i = 0; i < XA_CHUNK_SIZE; i++)
		walk(node->slots[i], node, pointers);
}

static void show(const char *what, struct xarray *xa)
{
	sum = 2166136261;
	nodes = 0;
	mix((unsigned int __force)xa->xa_flags);
	walk(xa->xa_head, NULL, false);
	pr_info("%s: flags %08x, %u nodes, %08x\n", what, (unsigned int __force)xa->xa_flags, nodes, sum);
}

static unsigned long some_index(void)
{
	unsigned int kind = next(4);

	return kind == 0 ? next(70) : kind == 1 ? next(5000) : kind == 2 ? (unsigned long)next(1000) << 12 :
		(unsigned long)next(8) << 40;
}

static void show_plain(void)
{
	unsigned long index;
	void *entry;
	int i, round, n;

	for (round = 0; round < 6; round++) {
		for (i = 0; i < 100; i++) {
			index = some_index();
			switch (next(6)) {
			case 0: case 1:
				entry = xa_store(&plain, index, xa_mk_value(i), GFP_KERNEL);
				mix((unsigned long)entry);
				break;
			case 2:
				entry = xa_store(&plain, index, &plain, GFP_KERNEL);
				break;
			case 3:
				xa_erase(&plain, index);
				break;
			case 4:
				xa_set_mark(&plain, index, next(2) ? XA_MARK_0 : XA_MARK_2);
				break;
			default:
				xa_clear_mark(&plain, index, XA_MARK_0);
			}
		}
		show("plain", &plain);
		n = 0;
		xa_for_each(&plain, index, entry)
			n += index % 97;
		xa_for_each_marked(&plain, index, entry, XA_MARK_2)
			n += 1000;
		xa_for_each_start(&plain, index, entry, 4096)
			n += 100000;
		pr_info("walked: %d, mark of 5: %d, empty %d, marked %d\n", n, xa_get_mark(&plain, 5, XA_MARK_0),
			xa_empty(&plain), xa_marked(&plain, XA_MARK_2));
	}
	pr_info("reserve: %d %d, cmpxchg %d %d\n", xa_reserve(&plain, 77777, GFP_KERNEL), xa_load(&plain, 77777) != NULL,
		xa_cmpxchg(&plain, 77777, NULL, &plain, GFP_KERNEL) == NULL,
		xa_cmpxchg(&plain, 77777, NULL, NULL, GFP_KERNEL) == &plain);
	show("plain", &plain);
	xa_for_each(&plain, index, entry)
		if (index > 5)
			xa_erase(&plain, index);
	show("shrunk", &plain);
	xa_destroy(&plain);
	show("destroyed", &plain);
}

static void show_ids(struct xarray *xa)
{
	u32 id = 0, cursor = 0;
	int i, err = 0;

	for (i = 0; i < 200 && !err; i++)
		err = xa_alloc(xa, &id, xa_mk_value(i), xa_limit_31b, GFP_KERNEL);
	pr_info("last id %u, err %d\n", id, err);
	show("ids", xa);
	for (i = 0; i < 200; i += 3)
		xa_erase(xa, i);
	show("every third erased", xa);
	err = xa_alloc(xa, &id, NULL, XA_LIMIT(100, 120), GFP_KERNEL);
	pr_info("id %u, err %d\n", id, err);
	err = xa_alloc(xa, &id, xa, XA_LIMIT(61, 62), GFP_KERNEL);
	pr_info("none free: err %d\n", err);
	for (i = 0; i < 5; i++) {
		err = xa_alloc_cyclic(xa, &id, xa, XA_LIMIT(300, 302), &cursor, GFP_KERNEL);
		pr_info("cyclic: id %u, err %d, next %u\n", id, err, cursor);
		if (i == 3)
			xa_erase(xa, 301);
	}
	show("ids", xa);
	xa_destroy(xa);
	show("destroyed", xa);
}

static int visit(int id, void *entry, void *data)
{
	*(unsigned int *)data = *(unsigned int *)data * 31 + id;
	return id == 5000 ? 7 : 0;
}

static void show_idr(void)
{
	static const int starts[] = { 0, 0, 5, 64, 63, 100, 4096, 5000, 0, 1 << 20, 2 };
	unsigned int visited = 0;
	int i, id, result;

	for (i = 0; i < ARRAY_SIZE(starts); i++) {
		id = idr_alloc(&idr, i % 3 ? (void *)&idr : NULL, starts[i], 0, GFP_KERNEL);
		pr_info("idr_alloc from %d: %d\n", starts[i], id);
		show("idr", &idr.idr_rt);
	}
	for (i = 0; i < 150; i++)
		idr_alloc(&idr, &idr, 0, 0, GFP_KERNEL);
	show("150 more", &idr.idr_rt);
	result = idr_for_each(&idr, visit, &visited);
	id = 150;
	pr_info("for each: %d %08x, next of 150: %d", result, visited, idr_get_next(&idr, &id) != NULL);
	pr_cont(" %d\n", id);
	for (i = 0; i < 200; i++)
		idr_remove(&idr, next(170));
	show("some removed", &idr.idr_rt);
	pr_info("replace: %d, of what is free %ld\n", idr_replace(&idr, &ida, 5000) == &idr,
		PTR_ERR(idr_replace(&idr, &ida, 4097)));
	for (i = 64; i < 2000000; i = i < 6000 ? i + 1 : i + 1000)
		idr_remove(&idr, i);
	idr_remove(&idr, 1 << 20);
	show("those above 63 removed", &idr.idr_rt);
	idr_destroy(&idr);
	show("idr destroyed", &idr.idr_rt);
	pr_info("empty %d\n", idr_is_empty(&idr));
}

static void show_ida(void)
{
	int i, id = 0;

	for (i = 0; i < 70; i++) {
		id = ida_alloc(&ida, GFP_KERNEL);
		if (i == 61 || i == 62 || i == 63)
			show("ida", &ida.xa);
	}
	for (; i < 1100; i++)
		id = ida_alloc(&ida, GFP_KERNEL);
	pr_info("last %d\n", id);
	show("1100 taken", &ida.xa);
	ida_free(&ida, 500);
	ida_free(&ida, 70);
	pr_info("%d %d %d %d\n", ida_alloc_range(&ida, 100, 600, GFP_KERNEL), ida_alloc(&ida, GFP_KERNEL),
		ida_alloc_range(&ida, 0, 1000, GFP_KERNEL), ida_alloc_min(&ida, 5000, GFP_KERNEL));
	show("a hole", &ida.xa);
	for (i = 1024; i < 1100; i++)
		ida_free(&ida, i);
	show("second bitmap gone", &ida.xa);
	pr_info("beyond 63 of a new bitmap: %d\n", ida_alloc_min(&ida, 9000, GFP_KERNEL));
	show("ida", &ida.xa);
	ida_destroy(&ida);
	show("ida destroyed", &ida.xa);
	pr_info("empty %d\n", ida_is_empty(&ida));
}

static int __init lib_arrays_init(void)
{
	show_plain();
	show_ids(&ids);
	show_ids(&ids_from_1);
	show_idr();
	show_ida();
	return 0;
}

static void __exit lib_arrays_exit(void)
{
}

module_init(lib_arrays_init);
module_exit(lib_arrays_exit);
MODULE_LICENSE("GPL");
