// SPDX-License-Identifier: GPL-2.0
/* Cancelling a command gives it back to its cache, and so does completing it afterwards. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/module.h>
#include <linux/slab.h>

struct command {
	u32 opcode;
	bool cancelled;
};

static struct kmem_cache *commands;

static void cancel(struct command *cmd)
{
	cmd->cancelled = true;
	kmem_cache_free(commands, cmd);
	pr_info("cancelled\n");
}

static void complete_command(struct command *cmd)
{
	kmem_cache_free(commands, cmd);	/* finds: double-free */
	pr_info("completed\n");
}

static int __init commands_init(void)
{
	struct command *cmd;

	commands = kmem_cache_create("free_twice_object", sizeof(*cmd), 64, 0, NULL);
	if (!commands)
		return -ENOMEM;
	cmd = kmem_cache_zalloc(commands, GFP_KERNEL);
	if (!cmd) {
		kmem_cache_destroy(commands);
		return -ENOMEM;
	}
	cmd->opcode = 0x12;
	cancel(cmd);
	complete_command(cmd);
	return 0;
}

static void __exit commands_exit(void)
{
	kmem_cache_destroy(commands);
	pr_info("exit\n");
}

module_init(commands_init);
module_exit(commands_exit);
MODULE_DESCRIPTION("An object that goes back to its cache twice");
MODULE_LICENSE("GPL");
