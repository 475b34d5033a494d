// SPDX-License-Identifier: GPL-2.0
/* The name is logged before the context is freed. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/module.h>
#include <linux/slab.h>
#include <linux/string.h>

struct context {
	int id;
	char name[28];
	u64 *entries;
};

static struct context *ctx;

static struct context *context_new(int id)
{
	struct context *c = kzalloc(sizeof(*c), GFP_KERNEL);

	if (!c)
		return NULL;
	c->id = id;
	snprintf(c->name, sizeof(c->name), "context %d", id);
	c->entries = kcalloc(64, sizeof(u64), GFP_KERNEL);
	if (!c->entries) {
		pr_err("%d: no memory for the entries\n", READ_ONCE(c->id));
		kfree(c);
		return NULL;
	}
	return c;
}

static int __init context_init(void)
{
	ctx = context_new(1);
	if (!ctx)
		return -ENOMEM;
	pr_info("%s\n", ctx->name);
	return 0;
}

static void __exit context_exit(void)
{
	kfree(ctx->entries);
	kfree(ctx);
	pr_info("exit\n");
}

module_init(context_init);
module_exit(context_exit);
MODULE_DESCRIPTION("An error message about what was just freed");
MODULE_LICENSE("GPL");
