// SPDX-License-Identifier: GPL-2.0
/* A bitmap for 40000 bits is allocated for 32768: what comes next is the guard page. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/mm.h>
#include <linux/module.h>
#include <linux/string.h>
#include <linux/vmalloc.h>

#define BITS 40000

static u8 *bitmap;

static int __init bitmap_init(void)
{
	unsigned int i;

	bitmap = vzalloc(32768 / 8);
	if (!bitmap)
		return -ENOMEM;
	for (i = 0; i < BITS / 8; i++)
		WRITE_ONCE(bitmap[i], 0xff);	/* finds: out-of-bounds */
	pr_info("%u bits set\n", BITS);
	return 0;
}

static void __exit bitmap_exit(void)
{
	vfree(bitmap);
	pr_info("exit\n");
}

module_init(bitmap_init);
module_exit(bitmap_exit);
MODULE_DESCRIPTION("A write behind an area from vmalloc()");
MODULE_LICENSE("GPL");
