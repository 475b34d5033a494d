// SPDX-License-Identifier: GPL-2.0
/* cdevs that are deleted twice, and that nobody has initialised; a directory of /proc that is removed with its file. */
#include <linux/cdev.h>
#include <linux/module.h>
#include <linux/proc_fs.h>

static const struct proc_ops ops = { };
static struct cdev twice, never;

static int __init twice_init(void)
{
	struct proc_dir_entry *dir = proc_mkdir("cdev_twice", NULL);

	pr_info("made %d\n", !!proc_create("inner", 0, dir, &ops));	/* finds: resource-leak */
	remove_proc_entry("cdev_twice", NULL);	/* finds: bad-argument */
	cdev_init(&twice, NULL);
	cdev_del(&twice);
	pr_info("once\n");
	cdev_del(&twice);	/* finds: refcount */
	pr_info("twice\n");
	cdev_del(&never);	/* finds: bad-argument; refcount */
	pr_info("never\n");
	return 0;
}

static void __exit twice_exit(void)
{
}

module_init(twice_init);
module_exit(twice_exit);
MODULE_LICENSE("GPL");
