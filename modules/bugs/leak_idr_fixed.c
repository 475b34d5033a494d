// SPDX-License-Identifier: GPL-2.0
/* The objects are freed, and then the idr is destroyed, which frees its nodes. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/idr.h>
#include <linux/module.h>
#include <linux/slab.h>

struct port {
	int id;
	unsigned int speed;
};

static DEFINE_IDR(ports);

static int port_add(unsigned int speed)
{
	struct port *port = kzalloc(sizeof(*port), GFP_KERNEL);

	if (!port)
		return -ENOMEM;
	port->speed = speed;
	port->id = idr_alloc(&ports, port, 100, 200, GFP_KERNEL);	
	if (port->id < 0) {
		kfree(port);
		return -ENOSPC;
	}
	return 0;
}

static void ports_free(void)
{
	struct port *port;
	int id;

	idr_for_each_entry(&ports, port, id)
		kfree(port);
	idr_destroy(&ports);
	pr_info("all ports are gone\n");
}

static int __init ports_init(void)
{
	int err = port_add(1000) ?: port_add(2500);

	if (err) {
		ports_free();
		return err;
	}
	return 0;
}

static void __exit ports_exit(void)
{
	ports_free();
	pr_info("exit\n");
}

module_init(ports_init);
module_exit(ports_exit);
MODULE_DESCRIPTION("An idr whose objects are gone, but not its own memory");
MODULE_LICENSE("GPL");
