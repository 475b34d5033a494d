// SPDX-License-Identifier: GPL-2.0
/*
 * Probe: copies that are larger than their object, as the compiler sees
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/module.h>
#include <linux/string.h>

static struct { char text[8]; int behind; } small;
static char source[64] = "longer than eight";
static size_t size = 9;
module_param(size, ulong, 0);

static int __init fortified_init(void)
{
	memcpy(&small, source, size);
	pr_info("copied\n");
	strcpy(small.text, source);	/* finds: out-of-bounds */
	pr_info("done\n");
	return 0;
}

static void __exit fortified_exit(void)
{
	pr_info("exit\n");
}

module_init(fortified_init);
module_exit(fortified_exit);
MODULE_DESCRIPTION("copies that are larger than their object, as the compiler sees");
MODULE_LICENSE("GPL");
