// SPDX-License-Identifier: GPL-2.0
/*
 * Probe: lists that are corrupted: a double add, a double delete
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/list.h>
#include <linux/module.h>

static int __init list_misuse_init(void)
{
	LIST_HEAD(head);
	struct list_head entry, other;

	list_add(&entry, &head);
	list_add(&entry, &head);	/* finds: bug */
	pr_info("added twice\n");
	list_del(&entry);
	list_del(&entry);
	pr_info("deleted twice\n");
	INIT_LIST_HEAD(&head);
	list_add(&other, &head);
	other.next = &other;
	list_del(&other);
	pr_info("corrupted\n");
	return 0;
}

static void __exit list_misuse_exit(void)
{
	pr_info("exit\n");
}

module_init(list_misuse_init);
module_exit(list_misuse_exit);
MODULE_DESCRIPTION("lists that are corrupted: a double add, a double delete");
MODULE_LICENSE("GPL");
