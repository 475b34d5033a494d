/* One allocating function of the kernel's at a time: which=N. The log says what it gave, NULL and errors by name. */
#include <linux/bitmap.h>
#include <linux/cpumask.h>
#include <linux/gfp.h>
#include <linux/idr.h>
#include <linux/kfifo.h>
#include <linux/mempool.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/parser.h>
#include <linux/percpu.h>
#include <linux/percpu_counter.h>
#include <linux/rwsem.h>
#include <linux/scatterlist.h>
#include <linux/semaphore.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/string_helpers.h>
#include <linux/vmalloc.h>
#include <linux/xarray.h>

static int which;
module_param(which, int, 0);
static int size = 100;
module_param(size, int, 0);

static struct kmem_cache *cache;
static DEFINE_IDA(ida);
static DEFINE_IDR(idr);
static DEFINE_XARRAY(xa);
static DEFINE_MUTEX(mutex);
static DECLARE_RWSEM(rwsem);
static struct semaphore sem;
static mempool_t *pool;
static struct sg_table table;
static struct percpu_counter counter;
static struct kfifo fifo;
static struct page *pages[3];
static void *objects[3];
static cpumask_var_t mask;

static void built(void *object)
{
	memset(object, 1, 8);
}

static void pointer(const char *name, const void *got)
{
	pr_info("%s: %s\n", name, IS_ERR(got) ? "error" : got ? "given" : "NULL");
}

static void number(const char *name, long got)
{
	pr_info("%s: %ld\n", name, got);
}

#define KFREE(call) do { void *got = (call); pointer(#call, got); kfree(got); } while (0)
#define VFREE(call) do { void *got = (call); pointer(#call, got); kvfree(got); } while (0)

static noinline void strings(void)
{
	substring_t part = { "41", (char *)"41" + 2 };
	int value;

	switch (which) {
	case 20: KFREE(kstrdup("abc", GFP_KERNEL)); break;
	case 21: KFREE(kstrndup("abc", 2, GFP_KERNEL)); break;
	case 22: KFREE(kmemdup(&which, 4, GFP_KERNEL)); break;
	case 23: KFREE(kmemdup_nul("abc", 2, GFP_KERNEL)); break;
	case 24: KFREE(kasprintf(GFP_KERNEL, "%d", which)); break;
	case 25: KFREE(kstrdup_quotable("a\n", GFP_KERNEL)); break;
	case 26: {
		char **words = argv_split(GFP_KERNEL, "a b", NULL);

		pointer("argv_split", words);
		if (words)
			argv_free(words);
		break;
	}
	case 27: KFREE(match_strdup(&part)); break;
	case 28: number("match_int", match_int(&part, &value)); break;
	case 29: {
		const char *text = kstrdup_const(THIS_MODULE->name, GFP_KERNEL);

		pointer("kstrdup_const", text);
		kfree_const(text);
		break;
	}
	}
}

static noinline void whole_pages(void)
{
	void *p;

	switch (which) {
	case 40:
		pages[0] = alloc_page(GFP_KERNEL);
		pointer("alloc_page", pages[0]);
		if (pages[0])
			__free_page(pages[0]);
		break;
	case 41:
		pages[0] = alloc_pages(GFP_KERNEL, 2);
		pointer("alloc_pages", pages[0]);
		if (pages[0])
			__free_pages(pages[0], 2);
		break;
	case 42:
		p = (void *)__get_free_pages(GFP_KERNEL, 1);
		pointer("__get_free_pages", p);
		free_pages((unsigned long)p, 1);
		break;
	case 43:
		p = (void *)get_zeroed_page(GFP_KERNEL);
		pointer("get_zeroed_page", p);
		free_page((unsigned long)p);
		break;
	case 44:
		p = alloc_pages_exact(3 * PAGE_SIZE, GFP_KERNEL);
		pointer("alloc_pages_exact", p);
		if (p)
			free_pages_exact(p, 3 * PAGE_SIZE);
		break;
	case 45: {
		unsigned long i, got = alloc_pages_bulk_array(GFP_KERNEL, 3, pages);

		number("alloc_pages_bulk", got);
		for (i = 0; i < got; i++)
			__free_page(pages[i]);
		break;
	}
	case 46: {
		struct folio *folio = folio_alloc(GFP_KERNEL, 1);

		pointer("folio_alloc", folio);
		if (folio)
			folio_put(folio);
		break;
	}
	case 47:
		pages[0] = alloc_page(GFP_KERNEL | __GFP_NOFAIL);
		pages[1] = alloc_page(GFP_KERNEL | __GFP_NOFAIL);
		p = vmap(pages, 2, VM_MAP, PAGE_KERNEL);
		pointer("vmap", p);
		vunmap(p);
		__free_page(pages[0]);
		__free_page(pages[1]);
		break;
	case 50: VFREE(vmalloc(9000)); break;
	case 51: VFREE(vzalloc(9000)); break;
	case 52: VFREE(vmalloc_user(9000)); break;
	case 53: VFREE(__vmalloc(9000, GFP_KERNEL)); break;
	case 54: VFREE(kvmalloc(100, GFP_KERNEL)); break;
	case 55: VFREE(kvmalloc(9000, GFP_KERNEL)); break;
	case 56: VFREE(vmalloc_array(3, 3000)); break;
	case 57: {
		void __percpu *copies = __alloc_percpu(8, 8);

		pointer("alloc_percpu", (__force void *)copies);
		free_percpu(copies);
		break;
	}
	case 58:
		number("percpu_counter_init", percpu_counter_init(&counter, 1, GFP_KERNEL));
		percpu_counter_destroy(&counter);
		break;
	}
}

static noinline void caches(void)
{
	cache = kmem_cache_create("allocate", 64, 0, SLAB_NOLEAKTRACE, which == 12 || which == 15 ? built : NULL);
	if (!cache) {
		pointer("kmem_cache_create", cache);
		return;
	}
	switch (which) {
	case 10: pointer("kmem_cache_create", cache); break;
	case 11:
	case 12:
		objects[0] = kmem_cache_alloc(cache, GFP_KERNEL);
		pointer("kmem_cache_alloc", objects[0]);
		if (objects[0])
			kmem_cache_free(cache, objects[0]);
		break;
	case 13:
		objects[0] = kmem_cache_zalloc(cache, GFP_KERNEL);
		pointer("kmem_cache_zalloc", objects[0]);
		if (objects[0])
			kmem_cache_free(cache, objects[0]);
		break;
	case 14:
	case 15: {
		int got = kmem_cache_alloc_bulk(cache, GFP_KERNEL, 3, objects);

		number("kmem_cache_alloc_bulk", got);
		if (got)
			kmem_cache_free_bulk(cache, 3, objects);
		break;
	}
	case 16:
		pool = mempool_create_slab_pool(2, cache);
		pointer("mempool_create", pool);
		mempool_destroy(pool);
		break;
	}
	kmem_cache_destroy(cache);
}

static noinline void structures(void)
{
	int id;

	switch (which) {
	case 60:
		id = ida_alloc_min(&ida, 1200, GFP_KERNEL);
		number("ida_alloc", id);
		ida_destroy(&ida);
		break;
	case 61:
		id = idr_alloc(&idr, &idr, 0, 0, GFP_KERNEL);
		number("idr_alloc", id);
		if (id >= 0)
			idr_remove(&idr, id);
		idr_destroy(&idr);
		break;
	case 62: number("xa_store", xa_err(xa_store(&xa, 5, &xa, GFP_KERNEL))); xa_destroy(&xa); break;
	case 63: number("xa_insert", xa_insert(&xa, 5, &xa, GFP_KERNEL)); xa_destroy(&xa); break;
	case 64: number("kfifo_alloc", kfifo_alloc(&fifo, 64, GFP_KERNEL)); kfifo_free(&fifo); break;
	case 65:
		id = sg_alloc_table(&table, 3, GFP_KERNEL);
		number("sg_alloc_table", id);
		if (!id)
			sg_free_table(&table);
		break;
	case 66: KFREE(bitmap_alloc(100, GFP_KERNEL)); break;
	case 67: KFREE(bitmap_zalloc(100, GFP_KERNEL)); break;
	case 68:
		id = alloc_cpumask_var(&mask, GFP_KERNEL);
		number("alloc_cpumask_var", id);
		free_cpumask_var(mask);
		break;
	case 69:
		id = sg_alloc_table(&table, 300, GFP_KERNEL);
		number("sg_alloc_table", id);
		if (!id)
			sg_free_table(&table);
		break;
	case 70:
		pool = mempool_create_kmalloc_pool(2, 64);
		pointer("mempool_create", pool);
		mempool_destroy(pool);
		break;
	}
}

/* As number(), of a lock; whoever has it gives it back. */
#define LOCKED(name, got, release) do { int rc = (got); number(name, rc); if (!rc) release; } while (0)

static noinline void locks(void)
{
	sema_init(&sem, 1);
	switch (which) {
	case 80: LOCKED("mutex_lock_interruptible", mutex_lock_interruptible(&mutex), mutex_unlock(&mutex)); break;
	case 81: LOCKED("mutex_lock_killable", mutex_lock_killable(&mutex), mutex_unlock(&mutex)); break;
	case 82: LOCKED("down_interruptible", down_interruptible(&sem), up(&sem)); break;
	case 83: LOCKED("down_killable", down_killable(&sem), up(&sem)); break;
	case 84: LOCKED("down_timeout", down_timeout(&sem, 10), up(&sem)); break;
	case 85: LOCKED("down_read_interruptible", down_read_interruptible(&rwsem), up_read(&rwsem)); break;
	case 86: LOCKED("down_write_killable", down_write_killable(&rwsem), up_write(&rwsem)); break;
	case 87: LOCKED("mutex_trylock", !mutex_trylock(&mutex), mutex_unlock(&mutex)); break;
	case 88: {
		void *found = __symbol_get("kmodrun_is_no_such_symbol");

		pointer("symbol_get", found);
		break;
	}
	}
}

static int __init allocate_init(void)
{
	void *p;

	switch (which) {
	case 1: KFREE(kmalloc(100, GFP_KERNEL)); break;
	case 2: KFREE(kzalloc(size, GFP_ATOMIC)); break;
	case 3: KFREE(kmalloc(9000, GFP_KERNEL)); break;
	case 4: KFREE(kmalloc_array(size, 8, GFP_KERNEL)); break;
	case 5: KFREE(kcalloc(3, 8, GFP_KERNEL)); break;
	case 6: KFREE(kmalloc_node(100, GFP_KERNEL, 0)); break;
	case 7: KFREE(kmalloc(0, GFP_KERNEL)); break;
	case 8: KFREE(kmalloc(100, GFP_KERNEL | __GFP_NOFAIL)); break;
	case 9:
		p = krealloc(NULL, 20, GFP_KERNEL | __GFP_NOFAIL);
		KFREE(krealloc(p, 30, GFP_KERNEL | __GFP_NOFAIL)); /* has room */
		break;
	}
	if (which >= 10 && which < 20)
		caches();
	strings();
	whole_pages();
	structures();
	locks();
	return 0;
}
module_init(allocate_init);

static void __exit allocate_exit(void)
{
}
module_exit(allocate_exit);

MODULE_LICENSE("GPL");
