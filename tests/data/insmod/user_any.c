// SPDX-License-Identifier: GPL-2.0
/* Uses the function of provider.c that is exported to all modules. */
#include <linux/module.h>

int provider_any(void);

static int __init user_any_init(void)
{
	printk(KERN_INFO "user_any: %d\n", provider_any());
	return 0;
}

static void __exit user_any_exit(void)
{
	printk(KERN_INFO "user_any: exit\n");
}

module_init(user_any_init);
module_exit(user_any_exit);
MODULE_LICENSE("GPL");
