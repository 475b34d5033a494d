// SPDX-License-Identifier: GPL-2.0
/*
 * Probe: lists: splice, cut, move, rotate, bulk move, hlist
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/list.h>
#include <linux/module.h>

struct node {
	int v;
	struct list_head link;
};

static void show(const char *what, struct list_head *head)
{
	struct node *pos;

	pr_info("%s:", what);
	list_for_each_entry(pos, head, link)
		pr_cont(" %d", pos->v);
	pr_cont(" |");
	list_for_each_entry_reverse(pos, head, link)
		pr_cont(" %d", pos->v);
	pr_cont("\n");
}

static int __init list_edges_init(void)
{
	LIST_HEAD(one);
	LIST_HEAD(two);
	struct node n[6];
	HLIST_HEAD(hash);
	struct hnode { int v; struct hlist_node link; } h[3], *pos;

	for (int i = 0; i < 6; i++) {
		n[i].v = i;
		list_add_tail(&n[i].link, &one);
	}
	show("all", &one);
	list_move(&n[3].link, &one);
	show("3 to the front", &one);
	list_move_tail(&n[0].link, &one);
	show("0 to the end", &one);
	list_rotate_left(&one);
	show("rotated", &one);
	list_cut_position(&two, &one, &n[2].link);
	show("cut, first", &two);
	show("cut, rest", &one);
	list_splice_tail_init(&two, &one);
	show("spliced", &one);
	pr_info("empty %d, singular %d\n", list_empty(&two), list_is_singular(&two));
	list_swap(&n[5].link, &n[1].link);
	show("5 and 1 swapped", &one);
	list_bulk_move_tail(&one, one.next, one.next->next);
	show("first two to the end", &one);
	list_rotate_to_front(&n[4].link, &one);
	show("4 in front", &one);
	list_del_init(&n[4].link);
	pr_info("deleted %d, last %d, first %d\n", list_empty(&n[4].link), list_is_last(one.prev, &one), list_is_first(one.next, &one));
	list_replace_init(&n[2].link, &n[4].link);
	show("2 replaced by 4", &one);
	for (int i = 0; i < 3; i++) {
		h[i].v = i;
		hlist_add_head(&h[i].link, &hash);
	}
	hlist_del_init(&h[1].link);
	hlist_add_behind(&h[1].link, &h[0].link);
	hlist_for_each_entry(pos, &hash, link)
		pr_info("hlist %d\n", pos->v);
	pr_info("unhashed %d %d\n", hlist_unhashed(&h[1].link), hlist_empty(&hash));
	return 0;
}

static void __exit list_edges_exit(void)
{
	pr_info("exit\n");
}

module_init(list_edges_init);
module_exit(list_edges_exit);
MODULE_DESCRIPTION("lists");
MODULE_LICENSE("GPL");
