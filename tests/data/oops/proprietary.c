// SPDX-License-Identifier: GPL-2.0
#include <linux/module.h>
#include <linux/kernel.h>
#include <linux/init.h>

static int *volatile p;

static int __init proprietary_init(void)
{
	pr_info("proprietary: init\n");
	return 0;
}

static void __exit proprietary_exit(void)
{
	WARN_ON(!p);
}

module_init(proprietary_init);
module_exit(proprietary_exit);
MODULE_LICENSE("Proprietary");
