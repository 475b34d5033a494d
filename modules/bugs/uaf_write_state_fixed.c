// SPDX-License-Identifier: GPL-2.0
/* The connection is marked as closed, and then freed. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/module.h>
#include <linux/slab.h>

enum { OPEN = 1, CLOSED };

struct connection {
	char peer[40];
	int state;
};

static struct connection *conn;

static noinline void connection_close(struct connection *c)
{
	WRITE_ONCE(c->state, CLOSED);	
	kfree(c);
	pr_info("closed\n");
}

static int __init connection_init(void)
{
	conn = kzalloc(sizeof(*conn), GFP_KERNEL);
	if (!conn)
		return -ENOMEM;
	conn->state = OPEN;
	return 0;
}

static void __exit connection_exit(void)
{
	connection_close(conn);
	pr_info("exit\n");
}

module_init(connection_init);
module_exit(connection_exit);
MODULE_DESCRIPTION("A state that is written after the object is gone");
MODULE_LICENSE("GPL");
