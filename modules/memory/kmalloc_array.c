// SPDX-License-Identifier: GPL-2.0
/*
 * Arrays whose size is a product: kmalloc_array(), kcalloc(), struct_size().
 *
 * kmalloc(n * size) with an n from outside may overflow, succeed with too little
 * memory, and be written far past its end. These functions return NULL instead.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/mm.h>
#include <linux/module.h>
#include <linux/overflow.h>
#include <linux/slab.h>
#include <linux/string.h>

struct packet {
	u32 length;
	u16 kind;
	u64 words[];
};

/* A parameter, so that the compiler does not see the overflow coming. */
static ulong huge = (ULONG_MAX / 8) + 2;
module_param(huge, ulong, 0444);
MODULE_PARM_DESC(huge, "a number of elements whose size in bytes overflows");

static void show(const char *what, void *mem)
{
	pr_info("%s: %s\n", what, ZERO_OR_NULL_PTR(mem) ? "NULL" : "ok");
	kfree(mem);
}

static int zeroed_array(void)
{
	u32 *numbers = kcalloc(1000, sizeof(*numbers), GFP_KERNEL), *more;

	if (!numbers)
		return -ENOMEM;
	pr_info("kcalloc(1000, 4): all zero %d, ksize %zu\n", !memchr_inv(numbers, 0, 4000), ksize(numbers));
	numbers[999] = 1234;
	more = krealloc_array(numbers, 3000, sizeof(*numbers), GFP_KERNEL);
	if (!more) {
		kfree(numbers);
		return -ENOMEM;
	}
	pr_info("krealloc_array(3000, 4): element 999 is %u, ksize %zu\n", more[999], ksize(more));
	kfree(more);
	return 0;
}

static int __init kmalloc_array_init(void)
{
	struct packet *packet;
	size_t bytes;

	pr_info("huge * 8 overflows to %lu\n", huge * 8);
	show("kmalloc_array(huge, 8)", kmalloc_array(huge, 8, GFP_KERNEL));
	show("kcalloc(huge, 8)", kcalloc(huge, 8, GFP_KERNEL));
	show("krealloc_array(NULL, huge, 8)", krealloc_array(NULL, huge, 8, GFP_KERNEL));
	show("kmalloc_array(10, 8)", kmalloc_array(10, 8, GFP_KERNEL));

	pr_info("check_mul_overflow: %d\n", check_mul_overflow((size_t)huge, (size_t)8, &bytes));
	pr_info("array_size(huge, 8) is SIZE_MAX: %d\n", array_size(huge, 8) == SIZE_MAX);
	pr_info("size_add(SIZE_MAX, 1) is SIZE_MAX: %d\n", size_add(SIZE_MAX, 1) == SIZE_MAX);
	pr_info("struct_size(packet, words, 10) = %zu\n", struct_size(packet, words, 10));
	pr_info("struct_size(packet, words, huge) is SIZE_MAX: %d\n", struct_size(packet, words, huge) == SIZE_MAX);
	show("kzalloc(struct_size)", kzalloc(struct_size(packet, words, 10), GFP_KERNEL));
	show("kmalloc(SIZE_MAX)", kmalloc(array_size(huge, 8), GFP_KERNEL | __GFP_NOWARN));
	return zeroed_array();
}

static void __exit kmalloc_array_exit(void)
{
	pr_info("exit\n");
}

module_init(kmalloc_array_init);
module_exit(kmalloc_array_exit);
MODULE_DESCRIPTION("Allocation of arrays, safe from overflow");
MODULE_LICENSE("GPL");
