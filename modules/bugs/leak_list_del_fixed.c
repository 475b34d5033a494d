// SPDX-License-Identifier: GPL-2.0
/* The entries are taken off the list and freed. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/list.h>
#include <linux/module.h>
#include <linux/slab.h>

struct route {
	struct list_head link;
	u32 prefix;
	u8 bits;
};

static LIST_HEAD(routes);

static void routes_flush(void)
{
	struct route *r, *next;

	list_for_each_entry_safe(r, next, &routes, link) {
		pr_info("flush %08x/%u\n", r->prefix, r->bits);
		list_del(&r->link);
		kfree(r);
	}
}

static int route_add(u32 prefix, u8 bits)
{
	struct route *r = kmalloc(sizeof(*r), GFP_KERNEL);	

	if (!r)
		return -ENOMEM;
	r->prefix = prefix;
	r->bits = bits;
	list_add(&r->link, &routes);
	return 0;
}

static int __init routes_init(void)
{
	return route_add(0x0a000000, 8);
}

static void __exit routes_exit(void)
{
	routes_flush();
	pr_info("exit\n");
}

module_init(routes_init);
module_exit(routes_exit);
MODULE_DESCRIPTION("Entries that are taken off a list and forgotten");
MODULE_LICENSE("GPL");
