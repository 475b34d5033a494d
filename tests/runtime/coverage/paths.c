// What runs, and what does not, is known: test_lines.py holds the comments against what is recorded.
// "ran: 0 4" means with mode=0 and mode=4, "ran" always, "not" never; other lines may have no instruction of their own.
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/list.h>
#include <linux/vmalloc.h>
#include <linux/err.h>
#include "paths.h"

struct item {
	struct list_head link;
	int number;
};

static LIST_HEAD(items);
static int mode;
module_param(mode, int, 0444);

static noinline int classify(int x)
{
	switch (x) { /* ran: 0 1 2 3 5 */
	case 1:
		pr_info("one\n"); /* ran: 1 */
		return 20;
	case 2:
		pr_info("two\n"); /* ran: 2 */
		return 21;
	default:
		return -1;
	}
}

noinline int unused(int x)
{
	return x + classify(x); /* not */
}

static noinline int fill(int n)
{
	struct item *item;
	int i;

	for (i = 0; i < n; i++) { /* ran */
		item = kmalloc(sizeof(*item), GFP_KERNEL); /* ran */
		if (!item) /* ran */
			goto fail;
		item->number = square(i); /* ran */
		list_add(&item->link, &items); /* ran */
	}
	return 0;

fail:
	pr_err("no memory for item %d\n", i); /* not */
	return -ENOMEM;
}

static void drop(void)
{
	struct item *item, *next;

	list_for_each_entry_safe(item, next, &items, link) { /* ran: 0 1 2 3 5 */
		list_del(&item->link); /* ran: 0 1 2 3 5 */
		kfree(item); /* ran: 0 1 2 3 5 */
	}
}

// The first loop runs once, the second not at all.
static noinline __attribute__((noipa)) int rounds(int n)
{
	int i, sum = 0;

	for (i = 0; i < n; i++) {
		sum += classify(i + 10); /* ran: 0 1 2 3 5 */
		if (i == 7)
			pr_info("seven\n"); /* not */
	}
	for (i = 1; i < n; i++)
		pr_info("round %d\n", i); /* not */
	return sum;
}

// Faults in the middle of a block without jumps.
static noinline __attribute__((noipa)) void poke(int *where, int *then)
{
	WRITE_ONCE(*then, 1); /* ran: 4 */
	WRITE_ONCE(*where, 2); /* ran: 4 */
	WRITE_ONCE(*then, 3); /* not */
	WRITE_ONCE(*where, 4); /* not */
}

static int __init start(void)
{
	char *buffer;
	int err, value;

	buffer = vmalloc(10000); /* ran */
	if (!buffer) /* ran */
		return -ENOMEM; /* not */
	err = fill(3); /* ran */
	if (err) /* ran */
		goto out;
	if (mode == 4)
		poke(NULL, &value); /* ran: 4 */
	pr_info("class %d, %d\n", classify(mode), rounds(1)); /* ran: 0 1 2 3 5 */
	if (mode == 3) {
		WARN_ON(mode == 3); /* ran: 3 */
		pr_info("after the warning\n"); /* ran: 3 */
	}
	if (unlikely(mode == 99))
		panic("mode 99"); /* not */
	if (mode == 5) {
		err = -EINVAL;
		pr_err("no such mode\n"); /* ran: 5 */
		goto out;
	}
	vfree(buffer); /* ran: 0 1 2 3 */
	return 0;

out:
	vfree(buffer); /* ran: 5 */
	drop(); /* ran: 5 */
	return err;
}

static void __exit stop(void)
{
	drop(); /* ran: 0 1 2 3 */
}

module_init(start);
module_exit(stop);
MODULE_LICENSE("GPL");
