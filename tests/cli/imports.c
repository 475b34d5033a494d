// SPDX-License-Identifier: GPL-2.0
/* Imports a function, a variable, a weak symbol, and a function of a part of Linux that is far from here. */
#include <linux/module.h>
#include <linux/jiffies.h>
#include <linux/netdevice.h>

int absent(void) __attribute__((weak));

static int __init imports_init(void)
{
	printk("at %lu\n", jiffies);
	return absent ? absent() : register_netdev(NULL);
}

module_init(imports_init);
MODULE_LICENSE("GPL");
