// SPDX-License-Identifier: GPL-2.0
/* The function that fails leaves the device to its caller. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/module.h>
#include <linux/slab.h>
#include <linux/string.h>

struct nic {
	char *name;
	void *queue;
};

static struct nic *nic;

static noinline int queue_setup(struct nic *n)
{
	n->queue = kmalloc(640, GFP_KERNEL);
	return n->queue ? 0 : -ENOMEM;
}

static int __init nic_init(void)
{
	nic = kzalloc(sizeof(*nic), GFP_KERNEL);
	if (!nic)
		return -ENOMEM;
	nic->name = kstrdup("eth7", GFP_KERNEL);
	if (!nic->name || queue_setup(nic)) {
		kfree(nic->name);	
		kfree(nic);
		return -ENOMEM;
	}
	pr_info("%s is up\n", nic->name);
	return 0;
}

static void __exit nic_exit(void)
{
	kfree(nic->queue);
	kfree(nic->name);
	kfree(nic);
	pr_info("exit\n");
}

module_init(nic_init);
module_exit(nic_exit);
MODULE_DESCRIPTION("A failure that is cleaned up by caller and callee");
MODULE_LICENSE("GPL");
