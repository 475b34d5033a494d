// SPDX-License-Identifier: GPL-2.0
#include <linux/module.h>
#include <linux/kernel.h>
#include <linux/init.h>
#include <linux/vmalloc.h>


static int __init vmalloc_guard_init(void)
{
	volatile char *p = vmalloc(8192);

	if (!p)
		return -ENOMEM;
	p[8192] = 1;
	vfree((void *)p);
	return 0;
}

static void __exit vmalloc_guard_exit(void)
{
	pr_info("vmalloc_guard: exit\n");
}

module_init(vmalloc_guard_init);
module_exit(vmalloc_guard_exit);
MODULE_LICENSE("GPL");
