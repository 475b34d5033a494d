// SPDX-License-Identifier: GPL-2.0
/* The index is taken modulo the size of the ring. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/module.h>

#define ORDER 1
#define WORDS ((PAGE_SIZE << ORDER) / sizeof(u32))

static u32 *ring;
static unsigned int head = WORDS - 2;

static void push(u32 word)
{
	WRITE_ONCE(ring[head++ % WORDS], word);
}

static int __init words_init(void)
{
	ring = (u32 *)__get_free_pages(GFP_KERNEL, ORDER);
	if (!ring)
		return -ENOMEM;
	push(1);
	push(2);
	push(3);
	pr_info("three words pushed\n");
	return 0;
}

static void __exit words_exit(void)
{
	free_pages((unsigned long)ring, ORDER);
	pr_info("exit\n");
}

module_init(words_init);
module_exit(words_exit);
MODULE_DESCRIPTION("A write behind the last page");
MODULE_LICENSE("GPL");
