// SPDX-License-Identifier: GPL-2.0
#include <linux/module.h>
#include <linux/kernel.h>
#include <linux/init.h>


static int __init bad_opcode_init(void)
{
	asm volatile(".byte 0x0f, 0x0b");
	return 0;
}

static void __exit bad_opcode_exit(void)
{
	pr_info("bad_opcode: exit\n");
}

module_init(bad_opcode_init);
module_exit(bad_opcode_exit);
MODULE_LICENSE("GPL");
