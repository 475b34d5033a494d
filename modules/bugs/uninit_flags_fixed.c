// SPDX-License-Identifier: GPL-2.0
/* The message is allocated cleared, and so are its flags. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/module.h>
#include <linux/slab.h>
#include <linux/string.h>

struct message {
	u32 id;
	u32 flags;
	char text[24];
};

#define URGENT 0x1

static struct message *message;

static noinline struct message *message_new(u32 id)
{
	struct message *m = kzalloc(sizeof(*m), GFP_KERNEL);

	if (!m)
		return NULL;
	m->id = id;
	strscpy(m->text, "hello", sizeof(m->text));
	return m;
}

static int __init message_init(void)
{
	message = message_new(1);
	if (!message)
		return -ENOMEM;
	if (READ_ONCE(message->flags) & URGENT)	
		pr_warn("urgent\n");
	pr_info("%s\n", message->text);
	return 0;
}

static void __exit message_exit(void)
{
	kfree(message);
	pr_info("exit\n");
}

module_init(message_init);
module_exit(message_exit);
MODULE_DESCRIPTION("A field that nobody has set, and that is tested");
MODULE_LICENSE("GPL");
