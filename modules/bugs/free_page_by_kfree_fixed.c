// SPDX-License-Identifier: GPL-2.0
/* A mailbox of one page comes from __get_free_page() and is freed by free_page(). */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/slab.h>

static u32 *mailbox;

static int __init mailbox_init(void)
{
	mailbox = (u32 *)__get_free_page(GFP_KERNEL);
	if (!mailbox)
		return -ENOMEM;
	mailbox[0] = 0x4d424f58;
	pr_info("mailbox %x\n", mailbox[0]);
	return 0;
}

static void __exit mailbox_exit(void)
{
	free_page((unsigned long)mailbox);
	pr_info("exit\n");
}

module_init(mailbox_init);
module_exit(mailbox_exit);
MODULE_DESCRIPTION("kfree() of whole pages");
MODULE_LICENSE("GPL");
