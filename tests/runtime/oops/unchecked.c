/* What becomes of a kmalloc() that fails and is not looked at: which=N. In each, its line is the one that says kmalloc. */
#include <linux/err.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/string.h>

struct box {
	long first, second;
	char name[40];
	struct box *other;
};

static int which;
module_param(which, int, 0);
static struct box *kept, *never;
static long sum;

static noinline struct box *make(void)
{
	return kmalloc(sizeof(struct box), GFP_KERNEL | __GFP_ZERO); /* make */
}

static noinline void fill(struct box *box, long value)
{
	if (value > 5)
		sum++;
	box->second = value;
}

static noinline void used_at_once(void)
{
	struct box *box = kmalloc(sizeof(*box), GFP_KERNEL); /* used_at_once */

	box->second = 1;
	kfree(box);
}

static noinline void used_after_other_calls(void)
{
	struct box *box = kmalloc(sizeof(*box), GFP_KERNEL); /* used_after_other_calls */
	long i;

	pr_info("made a box\n");
	for (i = 0; i < which; i++)
		sum += i;
	if (sum > 1000)
		pr_info("large\n");
	box->first = sum;
	kfree(box);
}

static noinline void used_by_its_caller(void)
{
	struct box *box = make();

	box->first = 3;
	kfree(box);
}

static noinline void used_by_a_callee(void)
{
	struct box *box = kmalloc(sizeof(*box), GFP_KERNEL); /* used_by_a_callee */

	fill(box, which);
	kfree(box);
}

static noinline void used_by_the_kernel(void)
{
	struct box *box = kmalloc(sizeof(*box), GFP_KERNEL); /* used_by_the_kernel */

	strscpy(box->name, THIS_MODULE->name, sizeof(box->name));
	kfree(box);
}

static noinline void used_by_a_string_instruction(void)
{
	struct box *box = kmalloc(4096, GFP_KERNEL); /* used_by_a_string_instruction */

	memset(box, 0, 4096);
	kfree(box);
}

static noinline void kept_in_memory(void)
{
	kept = kmalloc(sizeof(*kept), GFP_KERNEL); /* kept_in_memory */
	pr_info("kept\n");
	kept->first = 1;
}

static noinline void kept_for_another(void)
{
	kept = kmalloc(sizeof(*kept), GFP_KERNEL); /* kept_for_another */
}

static noinline void checked_but_another_is_used(void)
{
	struct box *box = kmalloc(sizeof(*box), GFP_KERNEL); /* checked_but_another_is_used */

	if (!box) {
		sum = READ_ONCE(never)->first;
		return;
	}
	kfree(box);
}

static noinline void checked_and_used_nonetheless(void)
{
	struct box *box = kmalloc(sizeof(*box), GFP_KERNEL); /* checked_and_used_nonetheless */

	if (!box)
		pr_info("no box\n");
	box->first = 1;
	kfree(box);
}

static noinline void checked_together(void)
{
	struct box *one = kmalloc(sizeof(*one), GFP_KERNEL); /* checked_together */
	struct box *two = kmalloc(sizeof(*two), GFP_KERNEL);

	if (!one || !two) {
		sum = READ_ONCE(never)->first;
		return;
	}
	kfree(one);
	kfree(two);
}

static int __init unchecked_init(void)
{
	switch (which) {
	case 1: used_at_once(); break;
	case 2: used_after_other_calls(); break;
	case 3: used_by_its_caller(); break;
	case 4: used_by_a_callee(); break;
	case 5: used_by_the_kernel(); break;
	case 6: used_by_a_string_instruction(); break;
	case 7: kept_in_memory(); break;
	case 8: kept_for_another(); break;
	case 9: checked_but_another_is_used(); break;
	case 10: checked_and_used_nonetheless(); break;
	case 11: checked_together(); break;
	}
	return 0;
}
module_init(unchecked_init);

static void __exit unchecked_exit(void)
{
	if (which == 8)
		kept->first = 1;
	kfree(kept);
}
module_exit(unchecked_exit);

MODULE_LICENSE("GPL");
