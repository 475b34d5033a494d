// SPDX-License-Identifier: GPL-2.0
/* exit removes the directory's file, but not the directory. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/module.h>
#include <linux/proc_fs.h>

static const struct proc_ops state_ops = {};
static struct proc_dir_entry *dir;

static int __init state_init(void)
{
	dir = proc_mkdir("bugs_state", NULL);	/* finds: resource-leak */
	if (!dir)
		return -ENOMEM;
	if (!proc_create("state", 0444, dir, &state_ops)) {
		proc_remove(dir);
		return -ENOMEM;
	}
	pr_info("an entry in a directory\n");
	return 0;
}

static void __exit state_exit(void)
{
	remove_proc_entry("state", dir);
	pr_info("exit\n");
}

module_init(state_init);
module_exit(state_exit);
MODULE_DESCRIPTION("An entry of /proc that is not removed");
MODULE_LICENSE("GPL");
