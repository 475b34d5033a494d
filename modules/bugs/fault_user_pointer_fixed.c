// SPDX-License-Identifier: GPL-2.0
/* An address that is not the kernel's is refused. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/module.h>
#include <linux/string.h>
#include <linux/uaccess.h>

static unsigned long address = 0x200000000;
module_param(address, ulong, 0444);

static int __init command_init(void)
{
	u32 command = 0;

	if (address < PAGE_OFFSET)
		pr_info("a program's address is not read here\n");
	pr_info("command %u\n", command);
	return 0;
}

static void __exit command_exit(void)
{
	pr_info("exit\n");
}

module_init(command_init);
module_exit(command_exit);
MODULE_DESCRIPTION("A pointer of user space that is used as it is");
MODULE_LICENSE("GPL");
