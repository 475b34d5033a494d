// SPDX-License-Identifier: GPL-2.0
/*
 * Does one thing `count` times in init, below five frames, so that what is measured has a call stack to record.
 */
#include <linux/module.h>
#include <linux/kernel.h>
#include <linux/slab.h>
#include <linux/gfp.h>

static int op;
module_param(op, int, 0444);
MODULE_PARM_DESC(op, "0 nothing, 1 empty call, 2 kmalloc+kfree, 3 a page, 4 eight pages, 5 printk, 6 a leak");
static int count;
module_param(count, int, 0444);
MODULE_PARM_DESC(count, "how many times");

/* Linux exports it; what is measured provides one of its own, which does nothing. */
void iowrite8_rep(void __iomem *port, const void *buf, unsigned long count);

static noinline void empty(int n)
{
	while (n--)
		iowrite8_rep(NULL, NULL, n);
}

static noinline void kmallocs(int n)
{
	while (n--)
		kfree(kmalloc(64, GFP_KERNEL));
}

static void *last;

static noinline void leaks(int n)
{
	while (n--)
		last = kmalloc(64, GFP_KERNEL);
}

static noinline void pages(int n, unsigned int order)
{
	while (n--)
		free_pages(__get_free_pages(GFP_KERNEL, order), order);
}

static noinline void prints(int n)
{
	while (n--)
		printk(KERN_INFO "bench %d %s %lx\n", n, "line", 0xabcdefUL);
}

/* A checksum over an array: loads, stores, arithmetic, branches and calls, no kernel function. */
static unsigned int words[256];

static noinline unsigned int mix(unsigned int x)
{
	x ^= x << 13;
	x ^= x >> 17;
	return x ^ x << 5;
}

/* Called from outside: nothing here does. */
static noinline __used unsigned int spin(int n)
{
	unsigned int x = 1;

	while (n--) {
		x = mix(x);
		words[x & 255] += x;
	}
	return x;
}

static noinline int fourth(void)
{
	switch (op) {
	case 1: empty(count); break;
	case 2: kmallocs(count); break;
	case 3: pages(count, 0); break;
	case 4: pages(count, 3); break;
	case 5: prints(count); break;
	case 6: leaks(count); break;
	}
	return 0;
}

static noinline int third(void)
{
	int rc = fourth();

	barrier();	/* no tail call: the frame stays */
	return rc;
}

static noinline int second(void)
{
	int rc = third();

	barrier();
	return rc;
}

static int __init bench_init(void)
{
	int rc = second();

	barrier();
	return rc;
}

static void __exit bench_exit(void)
{
}

module_init(bench_init);
module_exit(bench_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("What make bench measures");
