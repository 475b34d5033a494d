// SPDX-License-Identifier: GPL-2.0
/*
 * Sizes and offsets of what modules reach into, as this compiler and these headers see them.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/atomic.h>
#include <linux/kref.h>
#include <linux/list.h>
#include <linux/mm_types.h>
#include <linux/mmzone.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/rbtree.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/wait.h>

#define SIZE(type) pr_info("sizeof(%s) = %zu, aligned to %zu\n", #type, sizeof(type), __alignof__(type))
#define OFFSET(type, member) pr_info("offsetof(%s, %s) = %zu\n", #type, #member, offsetof(type, member))

static void basic_types(void)
{
	SIZE(bool);
	SIZE(long);
	SIZE(void *);
	SIZE(gfp_t);
	SIZE(size_t);
	SIZE(phys_addr_t);
	SIZE(dma_addr_t);
	SIZE(pgprot_t);
	SIZE(atomic_t);
	SIZE(atomic64_t);
}

static void structures(void)
{
	SIZE(struct list_head);
	SIZE(struct hlist_node);
	SIZE(struct rb_node);
	SIZE(struct kref);
	SIZE(spinlock_t);
	SIZE(rwlock_t);
	SIZE(struct mutex);
	SIZE(wait_queue_head_t);
	SIZE(struct page);
	SIZE(struct module);
	SIZE(struct kernel_param);
	SIZE(struct kernel_param_ops);
}

static void offsets(void)
{
	OFFSET(struct page, flags);
	OFFSET(struct page, lru);
	OFFSET(struct page, private);
	OFFSET(struct page, compound_head);
	OFFSET(struct page, _mapcount);
	OFFSET(struct page, _refcount);
	OFFSET(struct module, state);
	OFFSET(struct module, name);
	OFFSET(struct module, init);
	OFFSET(struct module, exit);
	OFFSET(struct module, refcnt);
	OFFSET(struct list_head, prev);
	OFFSET(struct rb_node, rb_left);
}

static int __init struct_sizes_init(void)
{
	basic_types();
	structures();
	offsets();
	pr_info("PAGE_SIZE %lu, SMP_CACHE_BYTES %d, THREAD_SIZE %lu, HZ %d, MODULE_NAME_LEN %zu, TASK_COMM_LEN %d\n", PAGE_SIZE,
		SMP_CACHE_BYTES, THREAD_SIZE, HZ, MODULE_NAME_LEN, TASK_COMM_LEN);
	return 0;
}

static void __exit struct_sizes_exit(void)
{
	pr_info("exit\n");
}

module_init(struct_sizes_init);
module_exit(struct_sizes_exit);
MODULE_DESCRIPTION("Sizes and offsets of structures");
MODULE_LICENSE("GPL");
