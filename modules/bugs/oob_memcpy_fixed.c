// SPDX-License-Identifier: GPL-2.0
/* Not more is copied than the answer has. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/module.h>
#include <linux/slab.h>
#include <linux/string.h>

#define BLOCK 128

static u8 *block;

static noinline int receive(const u8 *answer, size_t length)
{
	u8 *kept = kzalloc(BLOCK, GFP_KERNEL);

	if (!kept)
		return -ENOMEM;
	memcpy(kept, answer, min_t(size_t, BLOCK, length));
	block = kept;
	return 0;
}

static int __init answer_init(void)
{
	size_t length = 96;
	u8 *answer = kmalloc(length, GFP_KERNEL);
	int err;

	if (!answer)
		return -ENOMEM;
	memset(answer, 0x42, length);
	err = receive(answer, length);
	kfree(answer);
	pr_info("received: %d\n", err);
	return err;
}

static void __exit answer_exit(void)
{
	kfree(block);
	pr_info("exit\n");
}

module_init(answer_init);
module_exit(answer_exit);
MODULE_DESCRIPTION("memcpy() of more than the source has");
MODULE_LICENSE("GPL");
