// SPDX-License-Identifier: GPL-2.0
/* The chain is walked by a loop. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/module.h>
#include <linux/string.h>

#define NODES 4000

struct node {
	struct node *child;
	int number;
};

static struct node nodes[NODES];

static noinline int depth(const struct node *n)
{
	int levels = 0;

	for (; n; n = n->child)
		levels++;
	return levels;
}

static int __init depth_init(void)
{
	int i;

	for (i = 0; i < NODES; i++) {
		nodes[i].number = i;
		nodes[i].child = i + 1 < NODES ? &nodes[i + 1] : NULL;
	}
	pr_info("%d levels\n", depth(&nodes[0]));
	return 0;
}

static void __exit depth_exit(void)
{
	pr_info("exit\n");
}

module_init(depth_init);
module_exit(depth_exit);
MODULE_DESCRIPTION("A recursion that is too deep for the stack");
MODULE_LICENSE("GPL");
