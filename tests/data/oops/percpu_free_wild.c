// SPDX-License-Identifier: GPL-2.0
#include <linux/module.h>
#include <linux/kernel.h>
#include <linux/init.h>
#include <linux/percpu.h>


static int __init percpu_free_wild_init(void)
{
	free_percpu((void __percpu *)0x12345678UL);
	return 0;
}

static void __exit percpu_free_wild_exit(void)
{
	pr_info("percpu_free_wild: exit\n");
}

module_init(percpu_free_wild_init);
module_exit(percpu_free_wild_exit);
MODULE_LICENSE("GPL");
