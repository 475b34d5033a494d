// SPDX-License-Identifier: GPL-2.0
/* Takes references to itself while init runs and drops all but `keep` of them. */
#include <linux/module.h>

static int keep;
module_param(keep, int, 0);

static int __init holds_itself_init(void)
{
	int i, got;

	printk(KERN_INFO "holds_itself: refcount %d\n", module_refcount(THIS_MODULE));
	for (i = 0; i < 3; i++) {
		got = try_module_get(THIS_MODULE);
		printk(KERN_INFO "holds_itself: try_module_get %d, refcount %d\n", got, module_refcount(THIS_MODULE));
	}
	for (i = 0; i < 3 - keep; i++)
		module_put(THIS_MODULE);
	printk(KERN_INFO "holds_itself: refcount %d, state %d\n", module_refcount(THIS_MODULE), THIS_MODULE->state);
	return 0;
}

static void __exit holds_itself_exit(void)
{
	printk(KERN_INFO "holds_itself: exit, state %d, try_module_get %d\n", THIS_MODULE->state,
	       try_module_get(THIS_MODULE));
}

module_init(holds_itself_init);
module_exit(holds_itself_exit);
MODULE_LICENSE("GPL");
