// SPDX-License-Identifier: GPL-2.0
/* A setting that is out of range is an error of this module alone. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/panic.h>

static int level = 12;
module_param(level, int, 0444);

static int __init level_init(void)
{
	if (level > 9) {
		pr_err("level %d is out of range, 9 is used\n", level);
		level = 9;
	}
	pr_info("level %d\n", level);
	return 0;
}

static void __exit level_exit(void)
{
	pr_info("exit\n");
}

module_init(level_init);
module_exit(level_exit);
MODULE_DESCRIPTION("panic() where an error would do");
MODULE_LICENSE("GPL");
