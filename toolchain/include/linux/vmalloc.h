/* Linux: include/linux/vmalloc.h */
#pragma once
#include <linux/mm.h>

void *vmalloc(unsigned long size) __alloc_size(1);
void *vzalloc(unsigned long size) __alloc_size(1);
void *vmalloc_user(unsigned long size) __alloc_size(1);
void *vmalloc_node(unsigned long size, int node) __alloc_size(1);
void *vzalloc_node(unsigned long size, int node) __alloc_size(1);
void *vmalloc_32_user(unsigned long size) __alloc_size(1);
void *vmalloc_32(unsigned long size) __alloc_size(1);
void *__vmalloc(unsigned long size, gfp_t gfp) __alloc_size(1);
void vfree(const void *virt);
void *vmap(struct page **pages, unsigned int count, unsigned long flags, pgprot_t prot);
void vunmap(const void *virt);

static inline void *vmalloc_array(size_t n, size_t size)
{
	size_t bytes;

	return __builtin_mul_overflow(n, size, &bytes) ? NULL : __vmalloc(bytes, GFP_KERNEL);
}

static inline void *vcalloc(size_t n, size_t size)
{
	size_t bytes;

	return __builtin_mul_overflow(n, size, &bytes) ? NULL : __vmalloc(bytes, GFP_KERNEL | __GFP_ZERO);
}
