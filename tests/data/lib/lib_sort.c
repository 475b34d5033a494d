// SPDX-License-Identifier: GPL-2.0
/*
 * Which elements sort(), sort_r(), bsearch() and list_sort() compare and exchange, in which order.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/bsearch.h>
#include <linux/list.h>
#include <linux/list_sort.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/sort.h>
#include <linux/string.h>

#define MOST 1000

struct element {
	short key;
	char rest[5];
};

struct item {
	struct list_head link;
	int key, position;
};

static unsigned int calls, order;

static void note(int a, int b)
{
	calls++;
	order = (order ^ (a * 65536 + b)) * 16777619;
}

static int compare(const void *a, const void *b)
{
	const struct element *x = a, *y = b;

	note(x->key, y->key);
	return x->key - y->key;
}

static void exchange(void *a, void *b, int size)
{
	char kept[sizeof(struct element)];

	note(-1, size);
	memcpy(kept, a, size);
	memcpy(a, b, size);
	memcpy(b, kept, size);
}

static int compare_r(const void *a, const void *b, const void *priv)
{
	return compare(a, b) * *(const int *)priv;
}

static void exchange_r(void *a, void *b, int size, const void *priv)
{
	note(-2, *(const int *)priv);
	exchange(a, b, size);
}

static void fill(struct element *array, int n, int mode)
{
	int i;

	for (i = 0; i < n; i++) {
		array[i].key = mode == 0 ? i * 73 % 997 : mode == 1 ? i : mode == 2 ? n - i : i % 7;
		memset(array[i].rest, i, sizeof(array[i].rest));
	}
	calls = order = 0;
}

static void show(const char *what, const struct element *array, int n, int mode)
{
	unsigned int i, sum = 0;

	for (i = 0; i < n * sizeof(*array); i++)
		sum = (sum ^ ((const unsigned char *)array)[i]) * 16777619;
	pr_info("%s %d, mode %d: calls %u, order %08x, result %08x\n", what, n, mode, calls, order, sum);
}

static void arrays(struct element *array)
{
	static const int sizes[] = { 0, 1, 2, 3, 4, 5, 16, 17, 100 };
	int i, mode, down = -1;
	struct element key = { .key = 40 }, *found;

	for (i = 0; i < ARRAY_SIZE(sizes); i++)
		for (mode = 0; mode < 4; mode++) {
			fill(array, sizes[i], mode);
			sort(array, sizes[i], sizeof(*array), compare, NULL);
			show("sort", array, sizes[i], mode);
		}
	fill(array, 50, 0);
	sort(array, 50, sizeof(*array), compare, exchange);
	show("sort with a swap function", array, 50, 0);
	fill(array, 50, 3);
	sort_r(array, 50, sizeof(*array), compare_r, exchange_r, &down);
	show("sort_r", array, 50, 3);
	fill(array, 100, 1);
	found = bsearch(&key, array, 100, sizeof(*array), compare);
	show("bsearch", array, 100, 1);
	key.key = 1000;
	pr_info("found at %d, what is not there %d, calls %u\n", (int)(found - array),
		bsearch(&key, array, 100, sizeof(*array), compare) != NULL, calls);
}

static int compare_items(void *priv, const struct list_head *a, const struct list_head *b)
{
	int x = list_entry(a, struct item, link)->key, y = list_entry(b, struct item, link)->key;

	++*(int *)priv;
	note(x, y);
	return x > y;
}

static void lists(struct item *items)
{
	static const int sizes[] = { 0, 1, 2, 3, 5, 8, 31, 32, 33, 100, MOST };
	int i, j, mode, private;
	unsigned int sum;
	struct item *item;
	LIST_HEAD(head);

	for (i = 0; i < ARRAY_SIZE(sizes); i++)
		for (mode = 0; mode < 3; mode++) {
			INIT_LIST_HEAD(&head);
			for (j = 0; j < sizes[i]; j++) {
				items[j].key = mode == 0 ? j * 73 % 101 : mode == 1 ? j : -j;
				items[j].position = j;
				list_add_tail(&items[j].link, &head);
			}
			calls = order = sum = private = 0;
			list_sort(&private, &head, compare_items);
			list_for_each_entry(item, &head, link)
				sum = (sum ^ item->position) * 16777619;
			list_for_each_entry_reverse(item, &head, link)
				sum = (sum ^ item->position) * 16777619;
			pr_info("list_sort %d, mode %d: calls %u, order %08x, result %08x\n", sizes[i], mode, private, order,
				sum);
		}
}

static int __init lib_sort_init(void)
{
	struct element *array = kcalloc(MOST, sizeof(*array), GFP_KERNEL);
	struct item *items = kcalloc(MOST, sizeof(*items), GFP_KERNEL);

	if (array && items) {
		arrays(array);
		lists(items);
	}
	kfree(items);
	kfree(array);
	return 0;
}

static void __exit lib_sort_exit(void)
{
}

module_init(lib_sort_init);
module_exit(lib_sort_exit);
MODULE_LICENSE("GPL");
