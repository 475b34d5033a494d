// SPDX-License-Identifier: GPL-2.0
/* As many allocations as one likes, in init or in a function that the kernel calls; then the one that is to fail. */
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/sort.h>

static int count = 10;
module_param(count, int, 0);
static bool inside;
module_param(inside, bool, 0);

static void **last, *extra;

/* Each object points to the one before it. They are lost when the last allocation fails. */
static noinline int fill(void)
{
	int i;

	for (i = 0; i < count; i++) {
		void **object = kmalloc(64, GFP_KERNEL);

		if (!object)
			return -ENOMEM;
		*object = last;
		last = object;
	}
	extra = kmalloc(100, GFP_KERNEL);
	return extra ? 0 : -ENOMEM;
}

static int compare(const void *a, const void *b)
{
	return fill();
}

static int __init many_init(void)
{
	int pair[2] = { 2, 1 };

	if (!inside)
		return fill();
	sort(pair, 2, sizeof(int), compare, NULL);
	return extra ? 0 : -ENOMEM;
}

static void __exit many_exit(void)
{
	while (last) {
		void **object = last;

		last = *object;
		kfree(object);
	}
	kfree(extra);
}

module_init(many_init);
module_exit(many_exit);
MODULE_LICENSE("GPL");
