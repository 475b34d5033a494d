// SPDX-License-Identifier: GPL-2.0
/* Two allocations in its init; what it does when the second one fails, it is told. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/netdevice.h>
#include <linux/vmalloc.h>

static char *how = "well";
module_param(how, charp, 0444);
static int many;
module_param(many, int, 0444);

static void *first, *second;

static noinline int gap(void)
{
	int rc = register_netdev(NULL);

	barrier();	/* no tail call: the caller stays on the stack */
	return rc;
}

/* One call, many times: --all lets each of them fail. */
static void __init take_and_give(int times)
{
	while (times-- > 0)
		kfree(kmalloc(8, GFP_KERNEL));
}

static int __init without_second(void)
{
	if (!strcmp(how, "well"))
		kfree(first);
	if (!strcmp(how, "oops"))
		*(volatile char *)second = 1;	/* second was never checked */
	if (!strcmp(how, "hang"))
		for (;;)
			barrier();
	if (!strcmp(how, "gap"))
		return gap();
	if (!strcmp(how, "ignore")) {
		kfree(first);
		first = NULL;
		return 0;
	}
	return -ENOMEM;
}

static int __init faulty_init(void)
{
	if (!strcmp(how, "fail"))
		return -EINVAL;
	take_and_give(many);
	first = kmalloc(100, GFP_KERNEL);	/* lost by how=leak */
	if (!first)
		return -ENOMEM;
	second = vmalloc(5000);
	if (!second)
		return without_second();
	return 0;
}

static void __exit faulty_exit(void)
{
	vfree(second);
	kfree(first);
}

module_init(faulty_init);
module_exit(faulty_exit);
MODULE_LICENSE("GPL");
