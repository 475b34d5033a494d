// SPDX-License-Identifier: GPL-2.0
/* The mutex is unlocked on each way out. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/string.h>

static DEFINE_MUTEX(names_lock);
static char *names[2];

static noinline int name_add(int at, const char *name)
{
	int err = 0;

	mutex_lock(&names_lock);	
	names[at] = kstrdup(name, GFP_KERNEL);
	if (!names[at])
		err = -ENOMEM;
	mutex_unlock(&names_lock);
	return err;
}

static int __init names_init(void)
{
	int missing = 0;

	missing += name_add(0, "left") ? 1 : 0;
	missing += name_add(1, "right") ? 1 : 0;
	pr_info("%d names are missing\n", missing);
	return 0;
}

static void __exit names_exit(void)
{
	kfree(names[0]);
	kfree(names[1]);
	pr_info("exit\n");
}

module_init(names_init);
module_exit(names_exit);
MODULE_DESCRIPTION("A mutex that is kept where an allocation fails");
MODULE_LICENSE("GPL");
