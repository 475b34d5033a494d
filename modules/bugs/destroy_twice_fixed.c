// SPDX-License-Identifier: GPL-2.0
/* Stopping the engine destroys the cache and forgets it. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/module.h>
#include <linux/slab.h>

static struct kmem_cache *jobs;
static bool running;

static void engine_stop(void)
{
	running = false;
	kmem_cache_destroy(jobs);	
	jobs = NULL;
	pr_info("stopped\n");
}

static int __init engine_init(void)
{
	void *job;

	jobs = kmem_cache_create("destroy_twice_fixed", 120, 0, SLAB_POISON, NULL);
	if (!jobs)
		return -ENOMEM;
	running = true;
	job = kmem_cache_alloc(jobs, GFP_KERNEL);
	if (!job) {
		engine_stop();
		return -ENOMEM;
	}
	kmem_cache_free(jobs, job);
	engine_stop();
	return 0;
}

static void __exit engine_exit(void)
{
	engine_stop();
	pr_info("exit\n");
}

module_init(engine_init);
module_exit(engine_exit);
MODULE_DESCRIPTION("A cache that is destroyed twice");
MODULE_LICENSE("GPL");
