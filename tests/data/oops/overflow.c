// SPDX-License-Identifier: GPL-2.0
#include <linux/module.h>
#include <linux/kernel.h>
#include <linux/init.h>
static volatile int limit = 1000000;
static noinline int deeper(int n)
{
	volatile char room[512];

	room[n % 512] = (char)n;
	if (n == limit)
		return 0;
	return deeper(n + 1) + room[n % 512];
}

static int __init overflow_init(void)
{
	return deeper(0) & 0;
	return 0;
}

static void __exit overflow_exit(void)
{
	pr_info("overflow: exit\n");
}

module_init(overflow_init);
module_exit(overflow_exit);
MODULE_LICENSE("GPL");
