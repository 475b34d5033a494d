// SPDX-License-Identifier: GPL-2.0
/* Only the answer is logged. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/module.h>
#include <linux/slab.h>
#include <linux/string.h>

#define ROOM 16

static int __init answer_init(void)
{
	u8 *answer = kmalloc(ROOM, GFP_KERNEL);
	size_t length = 6;

	if (!answer)
		return -ENOMEM;
	memcpy(answer, "ready\n", length);
	pr_info("answer %*ph\n", (int)length, answer);
	kfree(answer);
	return 0;
}

static void __exit answer_exit(void)
{
	pr_info("exit\n");
}

module_init(answer_init);
module_exit(answer_exit);
MODULE_DESCRIPTION("The rest of a buffer that reaches the log");
MODULE_LICENSE("GPL");
