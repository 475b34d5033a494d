// SPDX-License-Identifier: GPL-2.0
/*
 * The shape of red-black trees after each change, plain and augmented, and walks through them.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/module.h>
#include <linux/rbtree_augmented.h>
#include <linux/rbtree.h>

#define N 120

struct node {
	struct rb_node rb;
	unsigned int key, largest;
};

static struct node nodes[N], spare;
static struct rb_root root = RB_ROOT;
static unsigned int sum;

static void mix(unsigned int value)
{
	sum = (sum ^ value) * 16777619;
}

/* Keys, colours and links, of a tree whose order is not asked. */
static void shape(struct rb_node *rb, int depth)
{
	struct node *node = rb_entry(rb, struct node, rb);

	if (!rb) {
		mix(depth + 1000);
		return;
	}
	mix(node->key * 2 + (rb->__rb_parent_color & 1));
	mix(rb_parent(rb) ? rb_entry(rb_parent(rb), struct node, rb)->key : 9999);
	mix(node->largest);
	shape(rb->rb_left, depth + 1);
	shape(rb->rb_right, depth + 1);
}

static void show(const char *what)
{
	struct rb_node *rb;
	unsigned int forward = 0, backward = 0, children_first = 0;

	sum = 2166136261;
	shape(root.rb_node, 0);
	for (rb = rb_first(&root); rb; rb = rb_next(rb))
		forward = forward * 31 + rb_entry(rb, struct node, rb)->key;
	for (rb = rb_last(&root); rb; rb = rb_prev(rb))
		backward = backward * 31 + rb_entry(rb, struct node, rb)->key;
	for (rb = rb_first_postorder(&root); rb; rb = rb_next_postorder(rb))
		children_first = children_first * 31 + rb_entry(rb, struct node, rb)->key;
	pr_info("%s: shape %08x, forward %08x, backward %08x, children first %08x\n", what, sum, forward, backward,
		children_first);
}

static struct rb_node *place(struct node *node, struct rb_node ***link, bool down(struct node *, struct node *))
{
	struct rb_node *parent = NULL;

	*link = &root.rb_node;
	while (**link) {
		parent = **link;
		if (down)
			down(rb_entry(parent, struct node, rb), node);
		*link = node->key < rb_entry(parent, struct node, rb)->key ? &parent->rb_left : &parent->rb_right;
	}
	return parent;
}

static void plain(void)
{
	struct rb_node **link, *parent;
	int i, step;

	for (i = 0; i < N; i++) {
		nodes[i].key = i * 37 % 121;
		parent = place(&nodes[i], &link, NULL);
		rb_link_node(&nodes[i].rb, parent, link);
		rb_insert_color(&nodes[i].rb, &root);
		if (i % 20 == 19)
			show("inserted");
	}
	spare = nodes[50];
	rb_replace_node(&nodes[50].rb, &spare.rb, &root);
	show("replaced");
	rb_replace_node(&spare.rb, &nodes[50].rb, &root);
	for (step = 0; step < N; step++) {
		rb_erase(&nodes[step * 7 % N].rb, &root);
		if (step % 20 == 19)
			show("erased");
	}
}

static unsigned int largest_of(struct node *node)
{
	return node->key;
}

RB_DECLARE_CALLBACKS_MAX(static, callbacks, struct node, rb, unsigned int, largest, largest_of)

static bool raise(struct node *above, struct node *node)
{
	above->largest = max(above->largest, node->key);
	return true;
}

static void augmented(void)
{
	struct rb_node **link, *parent;
	int i;

	for (i = 0; i < N; i++) {
		nodes[i].key = nodes[i].largest = i * 53 % 121;
		parent = place(&nodes[i], &link, raise);
		rb_link_node(&nodes[i].rb, parent, link);
		rb_insert_augmented(&nodes[i].rb, &root, &callbacks);
		if (i % 30 == 29)
			show("augmented, inserted");
	}
	for (i = 0; i < N; i++) {
		rb_erase_augmented(&nodes[i * 11 % N].rb, &root, &callbacks);
		if (i % 30 == 29)
			show("augmented, erased");
	}
}

static int __init lib_trees_init(void)
{
	plain();
	augmented();
	return 0;
}

static void __exit lib_trees_exit(void)
{
}

module_init(lib_trees_init);
module_exit(lib_trees_exit);
MODULE_LICENSE("GPL");
