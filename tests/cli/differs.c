// SPDX-License-Identifier: GPL-2.0
/* Logs what is the same in every kernel, and what is not: a random number. */
#include <linux/module.h>
#include <linux/random.h>

static int number = 1;
module_param(number, int, 0);

static int __init differs_init(void)
{
	pr_info("the same %d\n", number);
	pr_info("random %llu\n", get_random_u64());
	return 0;
}

static void __exit differs_exit(void)
{
}

module_init(differs_init);
module_exit(differs_exit);
MODULE_LICENSE("GPL");
