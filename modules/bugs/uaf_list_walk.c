// SPDX-License-Identifier: GPL-2.0
/*
 * The list is walked with list_for_each_entry(), which reads the link of the entry that was just
 * freed.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/list.h>
#include <linux/module.h>
#include <linux/slab.h>

struct watch {
	struct list_head link;
	int descriptor;
};

static LIST_HEAD(watches);

static int watch_add(int descriptor)
{
	struct watch *w = kmalloc(sizeof(*w), GFP_KERNEL);

	if (!w)
		return -ENOMEM;
	w->descriptor = descriptor;
	list_add_tail(&w->link, &watches);
	return 0;
}

static void watches_free(void)
{
	struct watch *w;

	list_for_each_entry(w, &watches, link) {	/* finds: use-after-free, checked */
		pr_info("free %d\n", w->descriptor);
		kfree(w);
	}
}

static int __init watches_init(void)
{
	int err = watch_add(3) ?: watch_add(4);

	if (err)
		watches_free();
	return err;
}

static void __exit watches_exit(void)
{
	watches_free();
	pr_info("exit\n");
}

module_init(watches_init);
module_exit(watches_exit);
MODULE_DESCRIPTION("Entries that are freed while the list is walked");
MODULE_LICENSE("GPL");
