// SPDX-License-Identifier: GPL-2.0
/* The loop over the slots ends before their number. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/module.h>
#include <linux/slab.h>

#define SLOTS 24

static u64 *slots;

static void slots_reset(void)
{
	int i;

	for (i = 0; i < SLOTS; i++)
		WRITE_ONCE(slots[i], ~0ULL);	
}

static int __init slots_init(void)
{
	slots = kmalloc_array(SLOTS, sizeof(*slots), GFP_KERNEL);
	if (!slots)
		return -ENOMEM;
	slots_reset();
	pr_info("the last slot is %llx\n", slots[SLOTS - 1]);
	return 0;
}

static void __exit slots_exit(void)
{
	kfree(slots);	
	pr_info("exit\n");
}

module_init(slots_init);
module_exit(slots_exit);
MODULE_DESCRIPTION("A loop that goes one too far");
MODULE_LICENSE("GPL");
