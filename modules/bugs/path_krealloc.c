// SPDX-License-Identifier: GPL-2.0
/* The result of krealloc() is put where the old pointer was: where it fails, the old array is lost. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/module.h>
#include <linux/slab.h>
#include <linux/string.h>

static int *numbers;
static size_t used, room;

static int push(int number)
{
	if (used == room) {
		size_t more = room ? 2 * room : 4;

		numbers = krealloc(numbers, more * sizeof(int), GFP_KERNEL);	/* finds: leak, when krealloc fails again */
		if (!numbers)
			return -ENOMEM;
		room = more;
	}
	numbers[used++] = number;
	return 0;
}

static int __init numbers_init(void)
{
	int i, err = 0;

	for (i = 0; i < 10 && !err; i++)
		err = push(i);
	if (err)
		kfree(numbers);
	else
		pr_info("%zu numbers, room for %zu\n", used, room);
	return err;
}

static void __exit numbers_exit(void)
{
	kfree(numbers);
	pr_info("exit\n");
}

module_init(numbers_init);
module_exit(numbers_exit);
MODULE_DESCRIPTION("krealloc() that overwrites the pointer to what there was");
MODULE_LICENSE("GPL");
