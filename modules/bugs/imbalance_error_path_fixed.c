// SPDX-License-Identifier: GPL-2.0
/* Where no memory is left, init gives the spinlock back before it returns. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/module.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

static DEFINE_SPINLOCK(lock);
static char *scratch;

static int __init scratch_init(void)
{
	spin_lock(&lock);
	scratch = kmalloc(200, GFP_ATOMIC);
	if (!scratch) {
		spin_unlock(&lock);
		return -ENOMEM;
	}
	scratch[0] = 0;
	spin_unlock(&lock);
	pr_info("ready\n");
	return 0;
}

static void __exit scratch_exit(void)
{
	kfree(scratch);
	pr_info("exit\n");
}

module_init(scratch_init);
module_exit(scratch_exit);
MODULE_DESCRIPTION("A lock that is kept where an allocation fails");
MODULE_LICENSE("GPL");
