// SPDX-License-Identifier: GPL-2.0
/* Uses both functions of provider.c. init returns what the parameter says. */
#include <linux/module.h>

int provider_any(void);
int provider_gpl(void);

static int value;
module_param(value, int, 0);

static int __init user_init(void)
{
	printk(KERN_INFO "user: %d %d\n", provider_any(), provider_gpl());
	return value;
}

static void __exit user_exit(void)
{
	printk(KERN_INFO "user: exit\n");
}

module_init(user_init);
module_exit(user_exit);
MODULE_LICENSE("GPL");
