// SPDX-License-Identifier: GPL-2.0
/*
 * sort(), bsearch() and list_sort(): functions of the kernel that call functions of the module.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/bsearch.h>
#include <linux/list.h>
#include <linux/list_sort.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/sort.h>

#define N 200

struct item {
	struct list_head link;
	int key, position;
};

static int compare_ints(const void *a, const void *b)
{
	return *(const int *)a - *(const int *)b;
}

static int compare_items(void *priv, const struct list_head *a, const struct list_head *b)
{
	++*(int *)priv;
	return list_entry(a, struct item, link)->key - list_entry(b, struct item, link)->key;
}

static int arrays(void)
{
	int *numbers = kmalloc_array(N, sizeof(*numbers), GFP_KERNEL), *found, i, sorted = 1, key = 77, missing = 1000;

	if (!numbers)
		return -ENOMEM;
	for (i = 0; i < N; i++)
		numbers[i] = i * 73 % N;
	sort(numbers, N, sizeof(*numbers), compare_ints, NULL);
	for (i = 1; i < N; i++)
		sorted &= numbers[i - 1] <= numbers[i];
	found = bsearch(&key, numbers, N, sizeof(*numbers), compare_ints);
	pr_info("sort: sorted %d, first %d, last %d\n", sorted, numbers[0], numbers[N - 1]);
	pr_info("bsearch(77): at %zd, bsearch(1000): found %d\n", found - numbers,
		bsearch(&missing, numbers, N, sizeof(*numbers), compare_ints) != NULL);
	kfree(numbers);
	return 0;
}

/* list_sort() is stable: equal keys keep their order. */
static int lists(void)
{
	struct item *items = kcalloc(N, sizeof(*items), GFP_KERNEL), *item, *previous = NULL;
	int i, calls = 0, sorted = 1;
	LIST_HEAD(head);

	if (!items)
		return -ENOMEM;
	for (i = 0; i < N; i++) {
		items[i].key = i * 73 % 20;
		items[i].position = i;
		list_add_tail(&items[i].link, &head);
	}
	list_sort(&calls, &head, compare_items);
	list_for_each_entry(item, &head, link) {
		if (previous)
			sorted &= previous->key < item->key ||
				(previous->key == item->key && previous->position < item->position);
		previous = item;
	}
	pr_info("list_sort: sorted and stable %d, fewer than %d comparisons %d\n", sorted, N * 8, calls < N * 8);
	kfree(items);
	return 0;
}

static int __init sort_search_init(void)
{
	return arrays() ?: lists();
}

static void __exit sort_search_exit(void)
{
	pr_info("exit\n");
}

module_init(sort_search_init);
module_exit(sort_search_exit);
MODULE_DESCRIPTION("Sorting and searching with callbacks");
MODULE_LICENSE("GPL");
