/* Linux: include/linux/slab.h */
#pragma once
#include <abi/slab.h> /* U: SLAB_* UL: KMALLOC_* NR_KMALLOC_TYPES ARCH_KMALLOC_MINALIGN ARCH_SLAB_MINALIGN */
#include <linux/gfp.h>
#include <linux/kernel.h>

#define ZERO_SIZE_PTR ((void *)16)
#define ZERO_OR_NULL_PTR(x) ((unsigned long)(x) <= (unsigned long)ZERO_SIZE_PTR)

struct kmem_cache;
extern struct kmem_cache *kmalloc_caches[NR_KMALLOC_TYPES][KMALLOC_SHIFT_HIGH + 1];

struct kmem_cache *kmem_cache_create(const char *name, unsigned int size, unsigned int align, slab_flags_t flags,
				     void (*constructor)(void *object));
struct kmem_cache *kmem_cache_create_usercopy(const char *name, unsigned int size, unsigned int align, slab_flags_t flags,
					      unsigned int offset, unsigned int bytes, void (*constructor)(void *object));
void kmem_cache_destroy(struct kmem_cache *cache);
int kmem_cache_shrink(struct kmem_cache *cache);
unsigned int kmem_cache_size(struct kmem_cache *cache);
void *kmem_cache_alloc(struct kmem_cache *cache, gfp_t gfp) __malloc;
void *kmem_cache_alloc_node(struct kmem_cache *cache, gfp_t gfp, int node) __malloc;
void kmem_cache_free(struct kmem_cache *cache, void *object);
int kmem_cache_alloc_bulk(struct kmem_cache *cache, gfp_t gfp, size_t count, void **objects);
void kmem_cache_free_bulk(struct kmem_cache *cache, size_t count, void **objects);
void *kmalloc_trace(struct kmem_cache *cache, gfp_t gfp, size_t size) __alloc_size(3);
void *kmalloc_node_trace(struct kmem_cache *cache, gfp_t gfp, int node, size_t size) __alloc_size(4);
void *kmalloc_large(size_t size, gfp_t gfp) __alloc_size(1);
void *kmalloc_large_node(size_t size, gfp_t gfp, int node) __alloc_size(1);
void *__kmalloc(size_t size, gfp_t gfp) __alloc_size(1);
void *__kmalloc_node(size_t size, gfp_t gfp, int node) __alloc_size(1);
void *krealloc(const void *ptr, size_t size, gfp_t gfp) __alloc_size(2);
void kfree(const void *ptr);
void kfree_sensitive(const void *ptr);
size_t ksize(const void *ptr);
size_t kmalloc_size_roundup(size_t size);
#define kzfree(ptr) kfree_sensitive(ptr)
#define kfree_bulk(count, ptrs) kmem_cache_free_bulk(NULL, count, ptrs)
#define kmem_cache_zalloc(cache, gfp) kmem_cache_alloc(cache, (gfp) | __GFP_ZERO)
#define KMEM_CACHE(type, flags) \
	kmem_cache_create(#type, sizeof(struct type), __alignof__(struct type), (flags), NULL)

/* Which of the caches: size class and kind of memory. Both fold to constants wherever the arguments are constant. */
static __always_inline unsigned int kmalloc_index(size_t size)
{
	if (!size)
		return 0;
	if (size <= KMALLOC_MIN_SIZE)
		return KMALLOC_SHIFT_LOW;
	if (size > 64 && size <= 96)
		return 1;
	if (size > 128 && size <= 192)
		return 2;
	return 64 - __builtin_clzl(size - 1);
}

static __always_inline unsigned int kmalloc_type(gfp_t gfp)
{
	if (likely(!(gfp & KMALLOC_NOT_NORMAL_BITS)))
		return KMALLOC_NORMAL;
	if (gfp & __GFP_DMA)
		return KMALLOC_DMA;
	return gfp & __GFP_RECLAIMABLE ? KMALLOC_RECLAIM : KMALLOC_CGROUP;
}

static __always_inline __alloc_size(1) void *kmalloc(size_t size, gfp_t gfp)
{
	if (!__builtin_constant_p(size))
		return __kmalloc(size, gfp);
	if (size > KMALLOC_MAX_CACHE_SIZE)
		return kmalloc_large(size, gfp);
	if (!size)
		return ZERO_SIZE_PTR;
	return kmalloc_trace(kmalloc_caches[kmalloc_type(gfp)][kmalloc_index(size)], gfp, size);
}

static __always_inline __alloc_size(1) void *kmalloc_node(size_t size, gfp_t gfp, int node)
{
	if (!__builtin_constant_p(size))
		return __kmalloc_node(size, gfp, node);
	if (size > KMALLOC_MAX_CACHE_SIZE)
		return kmalloc_large_node(size, gfp, node);
	if (!size)
		return ZERO_SIZE_PTR;
	return kmalloc_node_trace(kmalloc_caches[kmalloc_type(gfp)][kmalloc_index(size)], gfp, node, size);
}

static __always_inline __alloc_size(1, 2) void *kmalloc_array(size_t n, size_t size, gfp_t gfp)
{
	size_t bytes;

	if (unlikely(__builtin_mul_overflow(n, size, &bytes)))
		return NULL;
	if (__builtin_constant_p(n) && __builtin_constant_p(size))
		return kmalloc(bytes, gfp);
	return __kmalloc(bytes, gfp);
}

static __always_inline __alloc_size(2, 3) void *krealloc_array(void *ptr, size_t n, size_t size, gfp_t gfp)
{
	size_t bytes;

	return unlikely(__builtin_mul_overflow(n, size, &bytes)) ? NULL : krealloc(ptr, bytes, gfp);
}
#define kcalloc(n, size, gfp) kmalloc_array(n, size, (gfp) | __GFP_ZERO)
#define kzalloc_node(size, gfp, node) kmalloc_node(size, (gfp) | __GFP_ZERO, node)

static __always_inline __alloc_size(1) void *kzalloc(size_t size, gfp_t gfp)
{
	return kmalloc(size, gfp | __GFP_ZERO);
}
