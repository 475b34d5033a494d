// SPDX-License-Identifier: GPL-2.0
/* The driver waits for the chip with udelay() while it holds a spinlock. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/delay.h>
#include <linux/module.h>
#include <linux/spinlock.h>

static DEFINE_SPINLOCK(chip_lock);
static unsigned int resets;

static noinline void chip_reset(void)
{
	spin_lock(&chip_lock);
	resets++;
	udelay(20);
	spin_unlock(&chip_lock);
	pr_info("reset\n");
}

static int __init chip_init(void)
{
	chip_reset();
	return 0;
}

static void __exit chip_exit(void)
{
	pr_info("exit after %u resets\n", resets);
}

module_init(chip_init);
module_exit(chip_exit);
MODULE_DESCRIPTION("msleep() with a spinlock held");
MODULE_LICENSE("GPL");
