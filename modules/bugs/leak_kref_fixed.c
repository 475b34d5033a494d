// SPDX-License-Identifier: GPL-2.0
/* The lookup takes a reference, and its caller drops it when it is done. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/kref.h>
#include <linux/list.h>
#include <linux/module.h>
#include <linux/slab.h>

struct client {
	struct kref ref;
	struct list_head link;
	int number;
};

static LIST_HEAD(clients);

static void client_release(struct kref *ref)
{
	struct client *c = container_of(ref, struct client, ref);

	pr_info("client %d goes\n", c->number);
	kfree(c);
}

static struct client *client_get(int number)
{
	struct client *c;

	list_for_each_entry(c, &clients, link)
		if (c->number == number) {
			kref_get(&c->ref);
			return c;
		}
	return NULL;
}

static int __init clients_init(void)
{
	struct client *c = kzalloc(sizeof(*c), GFP_KERNEL);	

	if (!c)
		return -ENOMEM;
	kref_init(&c->ref);
	c->number = 7;
	list_add(&c->link, &clients);
	c = client_get(7);
	if (c) {
		pr_info("client %d is there\n", c->number);
		kref_put(&c->ref, client_release);
	}
	return 0;
}

static void __exit clients_exit(void)
{
	struct client *c, *next;

	list_for_each_entry_safe(c, next, &clients, link) {
		list_del(&c->link);
		kref_put(&c->ref, client_release);
	}
	pr_info("exit\n");
}

module_init(clients_init);
module_exit(clients_exit);
MODULE_DESCRIPTION("One reference too many");
MODULE_LICENSE("GPL");
