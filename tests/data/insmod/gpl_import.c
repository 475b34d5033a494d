// SPDX-License-Identifier: GPL-2.0
/* Imports functions that are exported to modules with a GPL compatible licence only. */
#include <linux/module.h>
#include <linux/percpu.h>

static int __init gpl_import_init(void)
{
	int __percpu *mem = alloc_percpu(int);

	printk(KERN_INFO "gpl_import: alloc_percpu %s\n", mem ? "ok" : "failed");
	free_percpu(mem);
	return 0;
}

static void __exit gpl_import_exit(void)
{
}

module_init(gpl_import_init);
module_exit(gpl_import_exit);
MODULE_LICENSE("GPL");
