// SPDX-License-Identifier: GPL-2.0
/*
 * kvmalloc(): from kmalloc() where that works, else from vmalloc().
 *
 * What it returned cannot be told from the size, so it is freed by kvfree(),
 * which looks at the address.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/mm.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/vmalloc.h>

static int show(size_t size)
{
	char *mem = kvmalloc(size, GFP_KERNEL);

	if (!mem)
		return -ENOMEM;
	mem[0] = mem[size - 1] = 1;
	pr_info("kvmalloc(%zu): %s\n", size, is_vmalloc_addr(mem) ? "vmalloc" : "kmalloc");
	kvfree(mem);
	return 0;
}

static int show_zeroed(size_t n)
{
	u32 *mem = kvcalloc(n, sizeof(*mem), GFP_KERNEL);

	if (!mem)
		return -ENOMEM;
	pr_info("kvcalloc(%zu, 4): %s, all zero %d\n", n, is_vmalloc_addr(mem) ? "vmalloc" : "kmalloc",
		!memchr_inv(mem, 0, n * sizeof(*mem)));
	memset(mem, 0xff, n * sizeof(*mem));
	kvfree(mem);
	return 0;
}

static int grow(void)
{
	char *mem = kvmalloc(1000, GFP_KERNEL), *more;

	if (!mem)
		return -ENOMEM;
	strcpy(mem, "small");
	more = kvrealloc(mem, 1000, 6 << 20, GFP_KERNEL);
	if (!more) {
		kvfree(mem);
		return -ENOMEM;
	}
	pr_info("kvrealloc(1000 -> 6 MiB): %s, \"%s\"\n", is_vmalloc_addr(more) ? "vmalloc" : "kmalloc", more);
	kvfree(more);
	return 0;
}

static int __init kvmalloc_sizes_init(void)
{
	static const size_t sizes[] = { 1, 100, 4096, 4097, 8192, 32768, 4 << 20, (4 << 20) + 1, 16 << 20 };
	ulong overflowing = ULONG_MAX / 8 + 2;
	int i, err = 0;

	for (i = 0; i < ARRAY_SIZE(sizes) && !err; i++)
		err = show(sizes[i]);
	if (!err)
		err = show_zeroed(1000);
	if (!err)
		err = show_zeroed(2 << 20);
	if (!err)
		err = grow();
	OPTIMIZER_HIDE_VAR(overflowing);
	pr_info("kvmalloc_array(overflow): %s\n", kvmalloc_array(overflowing, 8, GFP_KERNEL) ? "ok" : "NULL");
	return err;
}

static void __exit kvmalloc_sizes_exit(void)
{
	pr_info("exit\n");
}

module_init(kvmalloc_sizes_init);
module_exit(kvmalloc_sizes_exit);
MODULE_DESCRIPTION("Where kvmalloc takes memory from");
MODULE_LICENSE("GPL");
