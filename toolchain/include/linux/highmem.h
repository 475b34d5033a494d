/* All memory is mapped: a mapping is the page's address. Linux: include/linux/highmem.h, include/linux/highmem-internal.h */
#pragma once
#include <linux/mm.h>
#include <linux/preempt.h>
#include <linux/sched.h>
#include <linux/string.h>
#include <linux/uaccess.h>

static inline void *kmap(struct page *page)
{
	might_sleep();
	return page_address(page);
}

static inline void kunmap(struct page *page)
{
}

static inline void *kmap_local_page(struct page *page)
{
	return page_address(page);
}
#define kunmap_local(virt) ((void)(virt))

/* Preemption is off while such a mapping lives (this is no real-time kernel).. */
static inline void *kmap_atomic(struct page *page)
{
	preempt_disable();
	pagefault_disable();
	return page_address(page);
}
#define kunmap_atomic(virt) \
	do { \
		(void)(virt); \
		pagefault_enable(); \
		preempt_enable(); \
	} while (0)

static inline void clear_highpage(struct page *page)
{
	memset(page_address(page), 0, PAGE_SIZE);
}

static inline void zero_user(struct page *page, unsigned int start, unsigned int bytes)
{
	memset(kmap_local_page(page) + start, 0, bytes);
}

static inline void memset_page(struct page *page, size_t offset, int byte, size_t bytes)
{
	memset(kmap_local_page(page) + offset, byte, bytes);
}

static inline void copy_highpage(struct page *to, struct page *from)
{
	memcpy(kmap_local_page(to), kmap_local_page(from), PAGE_SIZE);
}

static inline void memzero_page(struct page *page, size_t offset, size_t bytes)
{
	memset_page(page, offset, 0, bytes);
}

static inline void memcpy_to_page(struct page *page, size_t offset, const char *from, size_t bytes)
{
	memcpy(page_address(page) + offset, from, bytes);
}

static inline void memcpy_from_page(char *to, struct page *page, size_t offset, size_t bytes)
{
	memcpy(to, page_address(page) + offset, bytes);
}
