// SPDX-License-Identifier: GPL-2.0
#include <linux/module.h>
#include <linux/kernel.h>
#include <linux/init.h>
#include <linux/vmalloc.h>


static int __init vfree_twice_init(void)
{
	void *p = vmalloc(8192);

	vfree(p);
	vfree(p);
	vfree(p + 1);
	vunmap(p);
	vunmap(p + 1);
	return 0;
}

static void __exit vfree_twice_exit(void)
{
	pr_info("vfree_twice: exit\n");
}

module_init(vfree_twice_init);
module_exit(vfree_twice_exit);
MODULE_LICENSE("GPL");
