// SPDX-License-Identifier: GPL-2.0
/* Each reference is dropped once. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/module.h>
#include <linux/refcount.h>
#include <linux/slab.h>

struct file_handle {
	refcount_t users;
	int number;
};

static struct file_handle handle = { .users = REFCOUNT_INIT(1) };

static void handle_put(struct file_handle *h)
{
	if (refcount_dec_and_test(&h->users))
		pr_info("handle %d is closed\n", h->number);
}

static int __init handle_init(void)
{
	refcount_inc(&handle.users);
	pr_info("%u users\n", refcount_read(&handle.users));
	handle_put(&handle);
	return 0;
}

static void __exit handle_exit(void)
{
	handle_put(&handle);
	pr_info("exit\n");
}

module_init(handle_init);
module_exit(handle_exit);
MODULE_DESCRIPTION("A reference that is dropped twice");
MODULE_LICENSE("GPL");
