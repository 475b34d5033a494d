// SPDX-License-Identifier: GPL-2.0
/* A failed lookup gives an error pointer, which is not freed. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/err.h>
#include <linux/module.h>
#include <linux/slab.h>

struct reply {
	int status;
	char text[40];
};

static struct reply *ask(int question)
{
	struct reply *reply;

	if (question < 0)
		return ERR_PTR(-EINVAL);
	reply = kzalloc(sizeof(*reply), GFP_KERNEL);
	return reply ? reply : ERR_PTR(-ENOMEM);
}

static int __init ask_init(void)
{
	struct reply *reply = ask(-1);
	int status;

	status = IS_ERR(reply) ? PTR_ERR(reply) : reply->status;
	pr_info("status %d\n", status);
	if (!IS_ERR(reply))
		kfree(reply);
	return 0;
}

static void __exit ask_exit(void)
{
	pr_info("exit\n");
}

module_init(ask_init);
module_exit(ask_exit);
MODULE_DESCRIPTION("kfree() of an error pointer");
MODULE_LICENSE("GPL");
