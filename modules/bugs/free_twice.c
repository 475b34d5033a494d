// SPDX-License-Identifier: GPL-2.0
/* Both queues of the device share a buffer, and each frees it. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/module.h>
#include <linux/slab.h>
#include <linux/string.h>

struct queue {
	void *buffer;
	bool owner;
};

static struct queue rx, tx;

static void queue_free(struct queue *q)
{
	kfree(q->buffer);	/* finds: double-free */
	q->buffer = NULL;
	pr_info("queue freed\n");
}

static int __init queues_init(void)
{
	rx.buffer = kmalloc(512, GFP_KERNEL);
	if (!rx.buffer)
		return -ENOMEM;
	rx.owner = true;
	tx.buffer = rx.buffer;
	memset(tx.buffer, 0, 512);
	return 0;
}

static void __exit queues_exit(void)
{
	queue_free(&tx);
	queue_free(&rx);
	pr_info("exit\n");
}

module_init(queues_init);
module_exit(queues_exit);
MODULE_DESCRIPTION("Two owners of one buffer, and each frees it");
MODULE_LICENSE("GPL");
