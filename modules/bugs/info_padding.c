// SPDX-License-Identifier: GPL-2.0
/* The structure is dumped with the three bytes between its members, which nobody has written. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/module.h>
#include <linux/printk.h>
#include <linux/slab.h>
#include <linux/string.h>

struct report {
	u8 version;
	u32 length;
	u64 address;
};

static int __init report_init(void)
{
	struct report *r = kmalloc(sizeof(*r), GFP_KERNEL);

	if (!r)
		return -ENOMEM;
	r->version = 2;
	r->length = 16;
	r->address = 0x1000;
	print_hex_dump(KERN_INFO, "report: ", DUMP_PREFIX_OFFSET, 16, 1, r, sizeof(*r), false); /* finds: info-leak, filled */
	kfree(r);
	return 0;
}

static void __exit report_exit(void)
{
	pr_info("exit\n");
}

module_init(report_init);
module_exit(report_exit);
MODULE_DESCRIPTION("Bytes between two members that reach the log");
MODULE_LICENSE("GPL");
