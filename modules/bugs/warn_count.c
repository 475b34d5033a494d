// SPDX-License-Identifier: GPL-2.0
/* A user is counted in and never out, which exit warns of. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/bug.h>
#include <linux/module.h>

static int users;

static void open_device(void)
{
	users++;
}

static void close_device(void)
{
	users--;
}

static int __init users_init(void)
{
	open_device();
	open_device();
	close_device();
	pr_info("%d users are left\n", users);
	return 0;
}

static void __exit users_exit(void)
{
	WARN(users, "%d users are still there\n", users);	/* finds: warn */
	pr_info("exit\n");
}

module_init(users_init);
module_exit(users_exit);
MODULE_DESCRIPTION("A count that does not return to 0");
MODULE_LICENSE("GPL");
