// SPDX-License-Identifier: GPL-2.0
/*
 * The advanced interface of the xarray: places in an array.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/module.h>
#include <linux/xarray.h>

static DEFINE_XARRAY(array);

static void put(unsigned long index, void *entry)
{
	XA_STATE(xas, &array, index);

	do {
		xas_lock(&xas);
		xas_store(&xas, entry);
		xas_unlock(&xas);
	} while (xas_nomem(&xas, GFP_KERNEL));
	if (xas_error(&xas))
		pr_info("error %d\n", xas_error(&xas));
}

static void show_neighbours(unsigned long start)
{
	XA_STATE(xas, &array, start);
	unsigned int sum = 0;
	void *entry;
	int i;

	for (i = 0; i < 150; i++) {
		entry = xas_next(&xas);
		sum = sum * 31 + xas.xa_index + (xa_is_value(entry) ? xa_to_value(entry) : entry != NULL);
	}
	pr_info("from %lu: at %lu, %08x", start, xas.xa_index, sum);
	for (i = 0; i < 149 && xas.xa_index; i++) {
		entry = xas_prev(&xas);
		sum = sum * 31 + xas.xa_index + (xa_is_value(entry) ? xa_to_value(entry) : entry != NULL);
	}
	pr_cont(", back at %lu, %08x\n", xas.xa_index, sum);
}

static int __init lib_xas_init(void)
{
	XA_STATE(xas, &array, 0);
	unsigned long sum = 0, i;
	void *entry;
	int n = 0;

	for (i = 0; i < 300; i++)
		put(i * i % 911 + (i % 5 ? 0 : 100000), xa_mk_value(i));
	put(1UL << 50, &array);
	xas_lock(&xas);
	xas_for_each(&xas, entry, ULONG_MAX) {
		sum = sum * 31 + xas.xa_index;
		if (xas.xa_index % 3 == 0)
			xas_set_mark(&xas, XA_MARK_1);
		if (xas.xa_index % 50 == 0)
			xas_store(&xas, NULL);
		n++;
	}
	pr_info("%d entries, %lx\n", n, sum);
	xas_set(&xas, 0);
	n = sum = 0;
	xas_for_each_marked(&xas, entry, 100500, XA_MARK_1) {
		sum = sum * 31 + xas.xa_index;
		if (xas_get_mark(&xas, XA_MARK_1) && xas.xa_index % 2)
			xas_clear_mark(&xas, XA_MARK_1);
		n++;
		if (n % 10 == 0)
			xas_pause(&xas);
	}
	pr_info("%d marked, %lx\n", n, sum);
	xas_unlock(&xas);
	show_neighbours(0);
	show_neighbours(60);
	show_neighbours(850);
	show_neighbours(100800);
	show_neighbours((1UL << 50) - 70);
	show_neighbours(-100UL);
	xas_set(&xas, 4);
	entry = xas_load(&xas);
	pr_info("load %d, reload %d, at %u\n", entry != NULL, xas_reload(&xas) == entry, xas.xa_offset);
	xas_set(&xas, 0);
	n = 0;
	rcu_read_lock();
	xas_for_each(&xas, entry, ULONG_MAX) {
		if (xas_retry(&xas, entry))
			continue;
		n++;
		xa_erase(&array, xas.xa_index);
	}
	rcu_read_unlock();
	pr_info("%d erased while reading, empty %d\n", n, xa_empty(&array));
	xa_destroy(&array);
	return 0;
}

static void __exit lib_xas_exit(void)
{
}

module_init(lib_xas_init);
module_exit(lib_xas_exit);
MODULE_LICENSE("GPL");
