// SPDX-License-Identifier: GPL-2.0
/* exit frees the pages of the ring, whether data came in or not. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/module.h>

#define RING_ORDER 2

static unsigned long ring;
static unsigned int received;

static int __init ring_init(void)
{
	ring = __get_free_pages(GFP_KERNEL | __GFP_ZERO, RING_ORDER);	
	if (!ring)
		return -ENOMEM;
	pr_info("ring of %lu bytes\n", PAGE_SIZE << RING_ORDER);
	return 0;
}

static void __exit ring_exit(void)
{
	if (received)
		pr_info("%u bytes were received\n", received);
	else
		pr_info("nothing was received\n");
	free_pages(ring, RING_ORDER);
}

module_init(ring_init);
module_exit(ring_exit);
MODULE_DESCRIPTION("Pages that a second free never reaches");
MODULE_LICENSE("GPL");
