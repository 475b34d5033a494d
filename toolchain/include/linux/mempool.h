/* Linux: include/linux/mempool.h */
#pragma once
#include <linux/slab.h>

typedef void *(mempool_alloc_t)(gfp_t gfp, void *data);
typedef void (mempool_free_t)(void *element, void *data);

ABI_STRUCT(mempool_s,
	ABI_MEMBER(mempool_s, min_nr, int min_nr)
	ABI_MEMBER(mempool_s, curr_nr, int curr_nr)
	ABI_MEMBER(mempool_s, elements, void **elements)
	ABI_MEMBER(mempool_s, pool_data, void *pool_data)
);
typedef struct mempool_s mempool_t;

mempool_t *mempool_create(int least, mempool_alloc_t *alloc, mempool_free_t *free, void *data);
int mempool_resize(mempool_t *pool, int least);
void mempool_destroy(mempool_t *pool);
void *mempool_alloc(mempool_t *pool, gfp_t gfp) __malloc;
void mempool_free(void *element, mempool_t *pool);
mempool_alloc_t mempool_alloc_slab, mempool_kmalloc, mempool_alloc_pages;
mempool_free_t mempool_free_slab, mempool_kfree, mempool_free_pages;
#define mempool_create_slab_pool(least, cache) mempool_create(least, mempool_alloc_slab, mempool_free_slab, (void *)(cache))
#define mempool_create_kmalloc_pool(least, bytes) \
	mempool_create(least, mempool_kmalloc, mempool_kfree, (void *)(unsigned long)(bytes))
#define mempool_create_page_pool(least, order) \
	mempool_create(least, mempool_alloc_pages, mempool_free_pages, (void *)(unsigned long)(order))
