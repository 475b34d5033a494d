// SPDX-License-Identifier: GPL-2.0
/* The screen is cleared when vmalloc() gave one. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/mm.h>
#include <linux/module.h>
#include <linux/string.h>
#include <linux/vmalloc.h>

#define SCREEN (80 * 25 * 4)

static u8 *screen;

static int __init screen_init(void)
{
	screen = vmalloc(SCREEN);
	if (!screen)
		return -ENOMEM;
	memset(screen, ' ', SCREEN);
	pr_info("%d bytes cleared\n", SCREEN);
	return 0;
}

static void __exit screen_exit(void)
{
	vfree(screen);
	pr_info("exit\n");
}

module_init(screen_init);
module_exit(screen_exit);
MODULE_DESCRIPTION("vmalloc() whose result is not checked");
MODULE_LICENSE("GPL");
