// SPDX-License-Identifier: GPL-2.0
/* Where the second buffer cannot be had, the first one is freed. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/module.h>
#include <linux/slab.h>
#include <linux/string.h>

struct pipe {
	u8 *in;
	u8 *out;
};

static struct pipe pipe;

static int __init pipe_init(void)
{
	pipe.in = kmalloc(1024, GFP_KERNEL);	
	if (!pipe.in)
		return -ENOMEM;
	pipe.out = kzalloc(2048, GFP_KERNEL);
	if (!pipe.out) {
		kfree(pipe.in);
		return -ENOMEM;
	}
	memset(pipe.in, 0, 1024);
	pr_info("ready\n");
	return 0;
}

static void __exit pipe_exit(void)
{
	kfree(pipe.out);
	kfree(pipe.in);
	pr_info("exit\n");
}

module_init(pipe_init);
module_exit(pipe_exit);
MODULE_DESCRIPTION("An early return that forgets what was taken before");
MODULE_LICENSE("GPL");
