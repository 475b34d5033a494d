// SPDX-License-Identifier: GPL-2.0
/* The chip has no function to suspend it, and it is called all the same. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/module.h>
#include <linux/string.h>

struct chip_ops {
	int (*resume)(void);
	int (*suspend)(void);
};

static int resume(void)
{
	pr_info("resumed\n");
	return 0;
}

static struct chip_ops ops = { .resume = resume };

static noinline int chip_sleep(const struct chip_ops *ops)
{
	int err = ops->suspend();	/* finds: null-deref */

	return err ?: ops->resume();
}

static int __init chip_init(void)
{
	OPTIMIZER_HIDE_VAR(ops.resume);
	return chip_sleep(&ops);
}

static void __exit chip_exit(void)
{
	pr_info("exit\n");
}

module_init(chip_init);
module_exit(chip_exit);
MODULE_DESCRIPTION("An optional function that is called without a check");
MODULE_LICENSE("GPL");
