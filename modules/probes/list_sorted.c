// SPDX-License-Identifier: GPL-2.0
/*
 * Probe: list_sort and sort are stable, or not, and call how often
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/list.h>
#include <linux/list_sort.h>
#include <linux/module.h>
#include <linux/sort.h>

struct node {
	int key, number;
	struct list_head link;
};

static int calls;

static int by_key(void *priv, const struct list_head *a, const struct list_head *b)
{
	++*(int *)priv;
	return list_entry(a, struct node, link)->key - list_entry(b, struct node, link)->key;
}

static int compare(const void *a, const void *b)
{
	calls++;
	return *(const int *)a - *(const int *)b;
}

static void show(struct list_head *head)
{
	struct node *pos;

	list_for_each_entry(pos, head, link)
		pr_cont("%d/%d ", pos->key, pos->number);
	pr_cont("\n");
}

static int __init list_sorted_init(void)
{
	LIST_HEAD(head);
	struct node n[20];
	int keys[] = { 5, 3, 9, 1, 5, 3, 9, 1, 7, 7, 2, 8, 6, 4, 0, 5, 3, 9, 1, 5 };

	for (int i = 0; i < 20; i++) {
		n[i].key = keys[i];
		n[i].number = i;
		list_add_tail(&n[i].link, &head);
	}
	list_sort(&calls, &head, by_key);
	show(&head);
	pr_info("%d comparisons\n", calls);
	calls = 0;
	sort(keys, 20, sizeof(int), compare, NULL);
	for (int i = 0; i < 20; i++)
		pr_cont("%d ", keys[i]);
	pr_cont("\n");
	pr_info("%d comparisons\n", calls);
	return 0;
}

static void __exit list_sorted_exit(void)
{
	pr_info("exit\n");
}

module_init(list_sorted_init);
module_exit(list_sorted_exit);
MODULE_DESCRIPTION("list_sort and sort are stable, or not, and call how often");
MODULE_LICENSE("GPL");
