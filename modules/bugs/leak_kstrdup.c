// SPDX-License-Identifier: GPL-2.0
/* The structure is freed, the string that it points to is not. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/module.h>
#include <linux/slab.h>
#include <linux/string.h>

struct channel {
	char *name;
	int number;
};

static struct channel *channels[3];

static void channel_free(struct channel *ch)
{
	if (!ch)
		return;
	pr_info("free %s\n", ch->name);
	kfree(ch);
}

static struct channel *channel_new(int number)
{
	struct channel *ch = kzalloc(sizeof(*ch), GFP_KERNEL);

	if (!ch)
		return NULL;
	ch->number = number;
	ch->name = kasprintf(GFP_KERNEL, "channel%d", number);	/* finds: leak */
	if (!ch->name) {
		kfree(ch);
		return NULL;
	}
	return ch;
}

static void channels_free(void)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(channels); i++)
		channel_free(channels[i]);
}

static int __init channels_init(void)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(channels); i++) {
		channels[i] = channel_new(i);
		if (!channels[i]) {
			channels_free();
			return -ENOMEM;
		}
	}
	pr_info("%zu channels\n", ARRAY_SIZE(channels));
	return 0;
}

static void __exit channels_exit(void)
{
	channels_free();
	pr_info("exit\n");
}

module_init(channels_init);
module_exit(channels_exit);
MODULE_DESCRIPTION("A string that outlives its owner");
MODULE_LICENSE("GPL");
