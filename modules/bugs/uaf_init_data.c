// SPDX-License-Identifier: GPL-2.0
/* exit reads a table that is __initdata, through a pointer that init left behind. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/init.h>
#include <linux/module.h>

static u32 defaults[] __initdata = { 9600, 19200, 115200 };
static const u32 *speeds;

static int __init serial_init(void)
{
	speeds = defaults;
	pr_info("speed %u\n", speeds[1]);
	return 0;
}

static void __exit serial_exit(void)
{
	u32 speed = READ_ONCE(speeds[2]);	/* finds: use-after-free */

	pr_info("exit, fastest was %u\n", speed);
}

module_init(serial_init);
module_exit(serial_exit);
MODULE_DESCRIPTION("Data of init that is used when init is over");
MODULE_LICENSE("GPL");
