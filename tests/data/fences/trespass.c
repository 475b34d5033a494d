// SPDX-License-Identifier: GPL-2.0
/* Accesses that fences catch, one for each value of the parameter `how`. Each function's name is that value. */
#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/percpu.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/vmalloc.h>

static char *how = "";
module_param(how, charp, 0444);

struct node {
	struct node *self;
	int number;
	char text[84];
};

static volatile char sink;
static struct kmem_cache *cache;
static int __initdata early = 7;
static int *early_pointer;

#define PUT(p, i) (((volatile char *)(p))[i] = 'x')
#define GET(p, i) (sink = ((volatile char *)(p))[i])

static void build(void *p)
{
	struct node *node = p;

	node->self = node;
	node->number = 5;
}

static noinline void write_right(void) { char *p = kmalloc(64, GFP_KERNEL); PUT(p, 64); kfree(p); }
static noinline void read_right(void) { char *p = kmalloc(64, GFP_KERNEL); GET(p, 70); kfree(p); }
static noinline void write_left(void) { char *p = kmalloc(64, GFP_KERNEL); PUT(p, -1); kfree(p); }
static noinline void read_left(void) { char *p = kmalloc(64, GFP_KERNEL); GET(p, -8); kfree(p); }
static noinline void slack(void) { char *p = kmalloc(100, GFP_KERNEL); PUT(p, 101); kfree(p); }
static noinline void slack_kept(void) { char *p = kmalloc(100, GFP_KERNEL); PUT(p, 100); PUT(p, 102); }
static noinline void write_freed(void) { char *p = kmalloc(64, GFP_KERNEL); kfree(p); PUT(p, 3); }
static noinline void read_freed(void) { char *p = kmalloc(64, GFP_KERNEL); kfree(p); GET(p, 0); }
static noinline void copy_freed(void) { char *p = kmalloc(64, GFP_KERNEL), t[8]; kfree(p); memcpy(t, p, strlen(p)); }
static noinline void print_freed(void) { char *p = kstrdup("hello", GFP_KERNEL); kfree(p); pr_info("%s\n", p); sink = 0; }
static noinline void copy_over(void) { char *p = kstrdup("0123456789abcde", GFP_KERNEL); OPTIMIZER_HIDE_VAR(p); sprintf(p, "%s", "0123456789abcdef"); kfree(p); }
static noinline void large_right(void) { char *p = kmalloc(20000, GFP_KERNEL); PUT(p, 20000); kfree(p); }
static noinline void large_freed(void) { char *p = kmalloc(20000, GFP_KERNEL); kfree(p); GET(p, 9000); }
static noinline void large_slack(void) { char *p = kmalloc(20001, GFP_KERNEL); PUT(p, 20001); kfree(p); }
static noinline void page_right(void) { char *p = (char *)__get_free_pages(GFP_KERNEL, 1); PUT(p, 8192); }
static noinline void page_left(void) { char *p = (char *)__get_free_page(GFP_KERNEL); GET(p, -1); }
static noinline void page_exact(void) { char *p = alloc_pages_exact(10000, GFP_KERNEL); PUT(p, 12288); }
static noinline void vmalloc_right(void) { char *p = vmalloc(4096); PUT(p, 4096); }
static noinline void vmalloc_left(void) { char *p = vmalloc(4096); PUT(p, -2); }
static noinline void vmalloc_slack(void) { char *p = vmalloc(100); PUT(p, 200); vfree(p); }
static noinline void vmalloc_freed(void) { char *p = vmalloc(100); vfree(p); GET(p, 5); }
static noinline void interior(void) { char *p = kmalloc(64, GFP_KERNEL); kfree(p + 8); kfree(p); }
static noinline void twice(void) { char *p = kmalloc(64, GFP_KERNEL); kfree(p); kfree(p); }
static noinline void large_twice(void) { char *p = kmalloc(20000, GFP_KERNEL); kfree(p); kfree(p); }
static noinline void init_freed(void) { sink = *early_pointer; }

static noinline void page_freed(void)
{
	struct page *page = alloc_page(GFP_KERNEL);
	char *p = page_address(page);

	__free_page(page);
	GET(p, 100);
}

static noinline void destroyed(void)
{
	struct kmem_cache *gone = kmem_cache_create("trespass_gone", 900, 0, 0, NULL);

	kmem_cache_destroy(gone);
	kfree(gone);
	barrier();
}
static noinline void page_twice(void)
{
	struct page *page = alloc_page(GFP_KERNEL);

	__free_page(page);
	__free_page(page);
}

static noinline void page_kfree(void) { void *p = (void *)__get_free_page(GFP_KERNEL); kfree(p); }

static noinline void grown(void)
{
	char *p = krealloc(kmalloc(20, GFP_KERNEL), 30, GFP_KERNEL);

	PUT(p, 32);
}

static noinline void grown_old(void)
{
	char *p = kmalloc(20, GFP_KERNEL), *q = krealloc(p, 30, GFP_KERNEL);

	GET(p, 0);
	kfree(q);
}

static noinline void percpu_right(void)
{
	int __percpu *p = alloc_percpu(int);

	(*this_cpu_ptr(p))++;
	this_cpu_write(p[1], 3);
}

static noinline void percpu_freed(void)
{
	int __percpu *p = alloc_percpu(int);
	int *other = per_cpu_ptr(p, 1);

	free_percpu(p);
	(*other)++;
}

static noinline void percpu_twice(void) { int __percpu *p = alloc_percpu(int); free_percpu(p); free_percpu(p); }

static noinline void ctor_freed(void)
{
	struct node *p = kmem_cache_alloc(cache, GFP_KERNEL);

	pr_info("self %d, number %d\n", p->self == p, p->number);
	kmem_cache_free(cache, p);
	GET(p, 12);
}

static noinline void ctor_right(void)
{
	struct node *p = kmem_cache_alloc(cache, GFP_KERNEL);

	PUT(p, sizeof(*p));
}

static noinline void rcu_freed(void)
{
	struct kmem_cache *safe = kmem_cache_create("trespass_safe", 40, 0, SLAB_TYPESAFE_BY_RCU, NULL);
	char *p = kmem_cache_alloc(safe, GFP_KERNEL);

	PUT(p, 0);
	rcu_read_lock();
	kmem_cache_free(safe, p);
	pr_info("still there: %d\n", GET(p, 0) == 'x');
	rcu_read_unlock();
	GET(p, 0);
}

static noinline void wrong_cache(void)
{
	struct kmem_cache *other = kmem_cache_create("trespass_other", sizeof(struct node), 0, 0, NULL);
	struct kmem_cache *third = kmem_cache_create("trespass_third", sizeof(struct node), 0, 0, NULL);
	void *p = kmem_cache_alloc(other, GFP_KERNEL);

	kmem_cache_free(third, p);
	kmem_cache_destroy(third);
	kmem_cache_destroy(other);
}

/* All of this is right. */
static noinline void nothing(void)
{
	struct node *nodes[40];
	struct page *page;
	char *p;
	int i, j;

	for (j = 0; j < 3; j++) {
		for (i = 0; i < 40; i++) {
			nodes[i] = kmem_cache_alloc(cache, GFP_KERNEL);
			if (nodes[i]->self != nodes[i] || nodes[i]->number != 5 || nodes[i] == nodes[!i])
				pr_info("node %d is not as its constructor made it\n", i);
		}
		for (i = 0; i < 40; i++)
			kmem_cache_free(cache, nodes[i]);
	}
	for (i = 1; i < 70000; i = i * 3 / 2 + 1) {
		p = kmalloc(i, GFP_KERNEL);
		page = virt_to_head_page(p);
		memset(p, 1, i);
		if (PageSlab(page) != (i <= 8192) || page_to_virt(virt_to_page(p)) > (void *)p ||
		    __va(__pa(p)) != p || page_count(page) != 1)
			pr_info("kmalloc(%d) has a wrong struct page\n", i);
		kfree(p);
	}
	page = alloc_pages(GFP_KERNEL | __GFP_COMP, 2);
	memset(page_address(page), 2, 16384);
	get_page(page + 3);
	put_page(page);
	pr_info("count %d, head %d\n", page_count(page), compound_head(page + 1) == page);
	put_page(page);
}

#define CASE(name) { #name, name }
static const struct { const char *name; void (*function)(void); } cases[] = {
	CASE(write_right), CASE(read_right), CASE(write_left), CASE(read_left), CASE(slack), CASE(slack_kept),
	CASE(write_freed), CASE(read_freed), CASE(copy_freed), CASE(print_freed), CASE(copy_over), CASE(large_right),
	CASE(large_freed), CASE(large_slack), CASE(page_right), CASE(page_left), CASE(page_exact), CASE(vmalloc_right),
	CASE(vmalloc_left), CASE(vmalloc_slack), CASE(vmalloc_freed), CASE(interior), CASE(twice), CASE(large_twice),
	CASE(destroyed),
	CASE(page_freed), CASE(page_twice), CASE(page_kfree), CASE(grown), CASE(grown_old), CASE(percpu_right),
	CASE(percpu_freed), CASE(percpu_twice), CASE(ctor_freed), CASE(ctor_right), CASE(rcu_freed), CASE(wrong_cache),
	CASE(nothing),
};

static int __init trespass_init(void)
{
	int i;

	cache = kmem_cache_create("trespass_nodes", sizeof(struct node), 0, 0, build);
	early_pointer = &early;
	for (i = 0; i < ARRAY_SIZE(cases); i++)
		if (!strcmp(how, cases[i].name))
			cases[i].function();
	pr_info("done\n");
	return 0;
}

static void __exit trespass_exit(void)
{
	if (!strcmp(how, "init_freed"))
		init_freed();
	kmem_cache_destroy(cache);
}

module_init(trespass_init);
module_exit(trespass_exit);
MODULE_DESCRIPTION("Accesses beside objects, and to freed ones");
MODULE_LICENSE("GPL");
