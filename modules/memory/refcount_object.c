// SPDX-License-Identifier: GPL-2.0
/*
 * Objects that are freed by whoever drops the last reference: refcount_t and struct kref.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/kref.h>
#include <linux/module.h>
#include <linux/refcount.h>
#include <linux/slab.h>

struct object {
	struct kref ref;
	int number;
};

static int released;

static void release(struct kref *ref)
{
	struct object *obj = container_of(ref, struct object, ref);

	pr_info("object %d is released\n", obj->number);
	released++;
	kfree(obj);
}

static int krefs(void)
{
	struct object *obj = kmalloc(sizeof(*obj), GFP_KERNEL);

	if (!obj)
		return -ENOMEM;
	obj->number = 7;
	kref_init(&obj->ref);
	kref_get(&obj->ref);
	pr_info("kref_get: %u\n", kref_read(&obj->ref));
	pr_info("kref_put: %d\n", kref_put(&obj->ref, release));
	pr_info("kref_get_unless_zero: %d\n", kref_get_unless_zero(&obj->ref));
	kref_put(&obj->ref, release);
	pr_info("kref_put: %d\n", kref_put(&obj->ref, release));
	pr_info("released %d\n", released);
	return 0;
}

static void counts(void)
{
	refcount_t count = REFCOUNT_INIT(2);

	pr_info("refcount_inc_not_zero %d\n", refcount_inc_not_zero(&count));
	pr_info("refcount_read %u\n", refcount_read(&count));
	pr_info("refcount_dec_and_test %d\n", refcount_dec_and_test(&count));
	pr_info("refcount_dec_not_one %d\n", refcount_dec_not_one(&count));
	pr_info("refcount_dec_not_one of 1: %d\n", refcount_dec_not_one(&count));
	pr_info("refcount_dec_if_one %d\n", refcount_dec_if_one(&count));
	pr_info("refcount_inc_not_zero of 0: %d\n", refcount_inc_not_zero(&count));
	pr_info("refcount_read %u\n", refcount_read(&count));
}

/* An increment from 0 would revive a freed object: it warns, and the count stays where no put reaches zero. */
static void saturation(void)
{
	refcount_t count = REFCOUNT_INIT(0);

	refcount_inc(&count);	/* finds: refcount */
	pr_info("after refcount_inc of 0: saturated %d\n", refcount_read(&count) == (unsigned int)REFCOUNT_SATURATED);
	refcount_inc(&count);	/* finds: refcount */
	pr_info("and again: saturated %d\n", refcount_read(&count) == (unsigned int)REFCOUNT_SATURATED);
	pr_info("refcount_dec_and_test %d\n", refcount_dec_and_test(&count));	/* finds: refcount */
}

static int __init refcount_object_init(void)
{
	counts();
	saturation();
	return krefs();
}

static void __exit refcount_object_exit(void)
{
	pr_info("exit, released %d\n", released);
}

module_init(refcount_object_init);
module_exit(refcount_object_exit);
MODULE_DESCRIPTION("Reference counted objects");
MODULE_LICENSE("GPL");
