// SPDX-License-Identifier: GPL-2.0
/*
 * Numbers for objects: idr, ida, and the xarray that both are made of.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/idr.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/xarray.h>

static DEFINE_XARRAY(array);
static DEFINE_IDR(idr);
static DEFINE_IDA(ida);

static int show_xarray(void)
{
	static const unsigned long indices[] = { 0, 1, 5, 63, 64, 4096, 1UL << 40 };
	unsigned long index;
	void *old, *entry;
	int i, n = 0;

	for (i = 0; i < ARRAY_SIZE(indices); i++) {
		old = xa_store(&array, indices[i], xa_mk_value(indices[i] & 0xfff), GFP_KERNEL);
		if (xa_is_err(old))
			return xa_err(old);
	}
	xa_for_each(&array, index, entry)
		pr_info("xarray[%lu] = %lu\n", index, xa_to_value(entry));
	old = xa_store(&array, 5, &array, GFP_KERNEL);
	pr_info("xa_store returns the old value %lu, xa_load the new one %d\n", xa_to_value(old), xa_load(&array, 5) == &array);
	pr_info("xa_load of what is not there %d\n", xa_load(&array, 6) != NULL);
	pr_info("xa_insert over an entry %d\n", xa_insert(&array, 64, &array, GFP_KERNEL));
	pr_info("xa_erase returns it %d\n", xa_erase(&array, 5) == &array);
	xa_for_each_range(&array, index, entry, 1, 64)
		n++;
	pr_info("entries from 1 to 64: %d\n", n);
	xa_destroy(&array);
	pr_info("empty %d\n", xa_empty(&array));
	return 0;
}

static int show_idr(void)
{
	static int a, b, c;
	int first = idr_alloc(&idr, &a, 0, 0, GFP_KERNEL);
	int second = idr_alloc(&idr, &b, 10, 20, GFP_KERNEL);
	int third = idr_alloc(&idr, &c, 10, 20, GFP_KERNEL);

	pr_info("idr_alloc %d %d %d\n", first, second, third);
	pr_info("idr_find %d %d, of what is not there %d\n", idr_find(&idr, first) == &a, idr_find(&idr, third) == &c,
		idr_find(&idr, 15) != NULL);
	pr_info("idr_alloc in a full range %d\n", idr_alloc(&idr, &c, 10, 12, GFP_KERNEL));
	pr_info("idr_replace %d\n", idr_replace(&idr, &c, second) == &b);
	pr_info("idr_remove %d\n", idr_remove(&idr, second) == &c);
	pr_info("the number is used again: %d\n", idr_alloc(&idr, &a, 10, 20, GFP_KERNEL));
	pr_info("idr_alloc_cyclic %d\n", idr_alloc_cyclic(&idr, &a, 30, 40, GFP_KERNEL));
	idr_remove(&idr, 30);
	pr_info("idr_alloc_cyclic goes on: %d\n", idr_alloc_cyclic(&idr, &a, 30, 40, GFP_KERNEL));
	idr_destroy(&idr);
	return 0;
}

static void show_ida(void)
{
	int i, id, sum = 0;

	for (i = 0; i < 100; i++) {
		id = ida_alloc(&ida, GFP_KERNEL);
		sum += id;
	}
	pr_info("ida_alloc 100 times: sum %d\n", sum);
	ida_free(&ida, 42);
	pr_info("after ida_free(42): %d\n", ida_alloc(&ida, GFP_KERNEL));
	pr_info("ida_alloc_range(7, 9): %d, ida_alloc_min(200): %d\n", ida_alloc_range(&ida, 7, 9, GFP_KERNEL),
		ida_alloc_min(&ida, 200, GFP_KERNEL));
	ida_destroy(&ida);
}

static int __init xarray_idr_init(void)
{
	int err = show_xarray() ?: show_idr();

	show_ida();
	return err;
}

static void __exit xarray_idr_exit(void)
{
	pr_info("exit\n");
}

module_init(xarray_idr_init);
module_exit(xarray_idr_exit);
MODULE_DESCRIPTION("xarray, idr and ida");
MODULE_LICENSE("GPL");
