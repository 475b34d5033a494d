// SPDX-License-Identifier: GPL-2.0
/* The other reference is taken while there is still one. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/kref.h>
#include <linux/module.h>
#include <linux/slab.h>

struct bio {
	struct kref ref;
	int done;
};

static struct bio bio;

static void bio_release(struct kref *ref)
{
	container_of(ref, struct bio, ref)->done++;
	pr_info("released\n");
}

static int __init bio_init_module(void)
{
	kref_init(&bio.ref);
	kref_get(&bio.ref);	
	kref_put(&bio.ref, bio_release);
	return 0;
}

static void __exit bio_exit(void)
{
	kref_put(&bio.ref, bio_release);
	pr_info("exit, done %d\n", bio.done);
}

module_init(bio_init_module);
module_exit(bio_exit);
MODULE_DESCRIPTION("A reference to an object that has none left");
MODULE_LICENSE("GPL");
