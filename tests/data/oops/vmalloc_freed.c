// SPDX-License-Identifier: GPL-2.0
#include <linux/module.h>
#include <linux/kernel.h>
#include <linux/init.h>
#include <linux/vmalloc.h>


static int __init vmalloc_freed_init(void)
{
	volatile char *p = vmalloc(8192);

	if (!p)
		return -ENOMEM;
	p[5000] = 1;
	vfree((void *)p);
	vm_unmap_aliases();
	p[5000] = 2;
	return 0;
}

static void __exit vmalloc_freed_exit(void)
{
	pr_info("vmalloc_freed: exit\n");
}

module_init(vmalloc_freed_init);
module_exit(vmalloc_freed_exit);
MODULE_LICENSE("GPL");
