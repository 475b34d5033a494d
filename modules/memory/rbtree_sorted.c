// SPDX-License-Identifier: GPL-2.0
/*
 * A red-black tree of kmalloc'd nodes: the caller searches, the kernel balances.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/module.h>
#include <linux/rbtree.h>
#include <linux/slab.h>

struct node {
	struct rb_node rb;
	unsigned int key;
};

static struct rb_root root = RB_ROOT;

static int insert(unsigned int key)
{
	struct rb_node **link = &root.rb_node, *parent = NULL;
	struct node *node;

	while (*link) {
		parent = *link;
		node = rb_entry(parent, struct node, rb);
		if (key == node->key)
			return -EEXIST;
		link = key < node->key ? &parent->rb_left : &parent->rb_right;
	}
	node = kmalloc(sizeof(*node), GFP_KERNEL);
	if (!node)
		return -ENOMEM;
	node->key = key;
	rb_link_node(&node->rb, parent, link);
	rb_insert_color(&node->rb, &root);
	return 0;
}

/* Checks the rules of the tree: no red node has a red child, and all paths meet equally many black nodes. */
static int black_height(struct rb_node *rb)
{
	int left, right, black;

	if (!rb)
		return 1;
	black = rb->__rb_parent_color & 1;
	if (!black && rb_parent(rb) && !(rb_parent(rb)->__rb_parent_color & 1))
		return -1;
	left = black_height(rb->rb_left);
	right = black_height(rb->rb_right);
	return left < 0 || left != right ? -1 : left + black;
}

static void show(const char *what)
{
	struct rb_node *rb;
	int n = 0, sorted = 1;

	for (rb = rb_first(&root); rb; rb = rb_next(rb), n++)
		if (rb_next(rb))
			sorted &= rb_entry(rb, struct node, rb)->key < rb_entry(rb_next(rb), struct node, rb)->key;
	pr_info("%s: %d nodes, sorted %d, balanced %d\n", what, n, sorted, black_height(root.rb_node) > 0);
	if (n)
		pr_info("first %u, last %u, root %u\n", rb_entry(rb_first(&root), struct node, rb)->key,
			rb_entry(rb_last(&root), struct node, rb)->key, rb_entry(root.rb_node, struct node, rb)->key);
}

static void erase_if(bool all)
{
	struct rb_node *rb, *next;
	struct node *node;

	for (rb = rb_first(&root); rb; rb = next) {
		next = rb_next(rb);
		node = rb_entry(rb, struct node, rb);
		if (all || node->key % 3 == 0) {
			rb_erase(rb, &root);
			kfree(node);
		}
	}
}

static int __init rbtree_sorted_init(void)
{
	int i, err = 0;

	for (i = 0; i < 100 && !err; i++)
		err = insert(i * 37 % 101);
	if (err) {
		erase_if(true);
		return err;
	}
	show("inserted");
	pr_info("inserting 37 again: %d\n", insert(37));
	erase_if(false);
	show("without multiples of 3");
	return 0;
}

static void __exit rbtree_sorted_exit(void)
{
	erase_if(true);
	show("erased");
}

module_init(rbtree_sorted_init);
module_exit(rbtree_sorted_exit);
MODULE_DESCRIPTION("A red-black tree");
MODULE_LICENSE("GPL");
