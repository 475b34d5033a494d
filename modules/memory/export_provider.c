// SPDX-License-Identifier: GPL-2.0
/*
 * Exports functions and data to other modules; see export_user.c.
 *
 * EXPORT_SYMBOL_GPL() is for modules with a GPL compatible licence only. As long
 * as a module is loaded that uses one of the symbols, this one cannot be removed.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/list.h>
#include <linux/module.h>
#include <linux/slab.h>

struct entry {
	int value;
	struct list_head link;
};

static LIST_HEAD(entries);

int export_provider_adds;
EXPORT_SYMBOL(export_provider_adds);

int export_provider_add(int value)
{
	struct entry *entry = kmalloc(sizeof(*entry), GFP_KERNEL);

	if (!entry)
		return -ENOMEM;
	entry->value = value;
	list_add_tail(&entry->link, &entries);
	export_provider_adds++;
	return 0;
}
EXPORT_SYMBOL_GPL(export_provider_add);

int export_provider_sum(int (*weight)(int value))
{
	struct entry *entry;
	int sum = 0;

	list_for_each_entry(entry, &entries, link)
		sum += weight(entry->value);
	return sum;
}
EXPORT_SYMBOL_GPL(export_provider_sum);

int export_provider_users(void)
{
	return module_refcount(THIS_MODULE);
}
EXPORT_SYMBOL_GPL(export_provider_users);

static int __init export_provider_init(void)
{
	pr_info("init, users %d\n", export_provider_users());
	return 0;
}

static void __exit export_provider_exit(void)
{
	struct entry *entry, *next;
	int freed = 0;

	list_for_each_entry_safe(entry, next, &entries, link) {
		list_del(&entry->link);
		kfree(entry);
		freed++;
	}
	pr_info("exit, users %d, freed %d entries\n", export_provider_users(), freed);
}

module_init(export_provider_init);
module_exit(export_provider_exit);
MODULE_DESCRIPTION("Exports functions and data");
MODULE_LICENSE("GPL");
