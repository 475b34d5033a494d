// SPDX-License-Identifier: GPL-2.0
/* A function that gives an error pointer is checked for NULL. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/err.h>
#include <linux/module.h>
#include <linux/slab.h>

struct codec {
	int id;
	char taps[60];
};

static struct codec *codec;

static noinline struct codec *codec_find(int id)
{
	struct codec *found = kzalloc(sizeof(*found), GFP_KERNEL);

	if (!found)
		return ERR_PTR(-ENOMEM);
	found->id = id;
	return found;
}

static int __init codec_init(void)
{
	codec = codec_find(3);
	if (!codec)
		return -ENODEV;
	pr_info("codec %d\n", codec->id);	/* finds: page-fault, when kzalloc fails */
	return 0;
}

static void __exit codec_exit(void)
{
	kfree(codec);
	pr_info("exit\n");
}

module_init(codec_init);
module_exit(codec_exit);
MODULE_DESCRIPTION("An error pointer that is taken for NULL");
MODULE_LICENSE("GPL");
