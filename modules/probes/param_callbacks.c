// SPDX-License-Identifier: GPL-2.0
/*
 * Probe: a parameter with operations of its own, and what they return
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/module.h>

static int level = 1;

static int set_level(const char *val, const struct kernel_param *kp)
{
	int err = param_set_int(val, kp);

	pr_info("set %s to '%s': %d\n", kp->name, val ? val : "(null)", err);
	return err ? err : level > 9 ? -ERANGE : 0;
}

static const struct kernel_param_ops level_ops = {
	.flags = KERNEL_PARAM_OPS_FL_NOARG,
	.set = set_level,
	.get = param_get_int,
};
module_param_cb(level, &level_ops, &level, 0644);

static int __init param_callbacks_init(void)
{
	pr_info("init, level %d\n", level);
	return 0;
}

static void __exit param_callbacks_exit(void)
{
	pr_info("exit\n");
}

module_init(param_callbacks_init);
module_exit(param_callbacks_exit);
MODULE_DESCRIPTION("a parameter with operations of its own, and what they return");
MODULE_LICENSE("GPL");
