// SPDX-License-Identifier: GPL-2.0
/* The table that exit reads is not __initdata: it stays as long as the module. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/init.h>
#include <linux/module.h>

static u32 defaults[] = { 9600, 19200, 115200 };
static const u32 *speeds;

static int __init serial_init(void)
{
	speeds = defaults;
	pr_info("speed %u\n", speeds[1]);
	return 0;
}

static void __exit serial_exit(void)
{
	u32 speed = READ_ONCE(speeds[2]);	

	pr_info("exit, fastest was %u\n", speed);
}

module_init(serial_init);
module_exit(serial_exit);
MODULE_DESCRIPTION("Data of init that is used when init is over");
MODULE_LICENSE("GPL");
