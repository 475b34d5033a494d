/* Linux: include/linux/mm.h */
#pragma once
#include <abi/mm.h> /* UL: VM_+ */
#include <asm/page.h>
#include <linux/gfp.h>
#include <linux/page-flags.h>
#include <linux/page_ref.h>
#include <linux/percpu.h>
#include <linux/slab.h>

#define page_to_virt(page) __va((phys_addr_t)page_to_pfn(page) << PAGE_SHIFT)
#define page_address(page) page_to_virt(page)
#define lowmem_page_address(page) page_to_virt(page)
#define PAGE_ALIGN(address) ALIGN(address, PAGE_SIZE)
#define PAGE_ALIGNED(address) IS_ALIGNED((unsigned long)(address), PAGE_SIZE)
#define offset_in_page(p) ((unsigned long)(p) & ~PAGE_MASK)
#define nth_page(page, n) ((page) + (n))

static inline int page_zonenum(const struct page *page)
{
	return page->flags >> ZONES_PGSHIFT & ((1UL << ZONES_WIDTH) - 1);
}

static inline int page_to_nid(const struct page *page)
{
	return page->flags >> NODES_PGSHIFT & ((1UL << NODES_WIDTH) - 1);
}

static inline struct zone *page_zone(const struct page *page)
{
	return &NODE_DATA(page_to_nid(page))->node_zones[page_zonenum(page)];
}

/* Orders and sizes of compound pages lie in the first tail page. */
static inline unsigned int compound_order(struct page *page)
{
	return PageHead(page) ? page[1].compound_order : 0;
}

static inline unsigned long compound_nr(struct page *page)
{
	return PageHead(page) ? page[1].compound_nr : 1;
}

static inline unsigned long page_size(struct page *page)
{
	return PAGE_SIZE << compound_order(page);
}

bool page_mapped(struct page *page);
int __page_mapcount(struct page *page);

static inline int page_mapcount(struct page *page)
{
	if (unlikely(PageCompound(page)))
		return __page_mapcount(page);
	return atomic_read(&page->_mapcount) + 1;
}

static inline struct page *virt_to_head_page(const void *virt)
{
	return compound_head(virt_to_page(virt));
}

void __folio_put(struct folio *folio);

static inline void get_page(struct page *page)
{
	struct page *head = compound_head(page);

	WARN_ON_ONCE((unsigned int)page_ref_count(head) + 127u <= 127u);
	atomic_inc(&head->_refcount);
}

static inline int put_page_testzero(struct page *page)
{
	return atomic_dec_and_test(&page->_refcount);
}

static inline void put_page(struct page *page)
{
	struct folio *folio = page_folio(page);

	if (put_page_testzero(&folio->page))
		__folio_put(folio);
}

/* Folios: the same by another name. */
#define folio_page(folio, n) (&(folio)->page + (n))
#define folio_address(folio) page_address(&(folio)->page)
#define folio_order(folio) compound_order(&(folio)->page)
#define folio_size(folio) page_size(&(folio)->page)
#define folio_nr_pages(folio) ((long)compound_nr(&(folio)->page))
#define folio_ref_count(folio) page_ref_count(&(folio)->page)
#define folio_test_large(folio) PageHead(&(folio)->page)
#define folio_get(folio) get_page(&(folio)->page)
#define folio_put(folio) put_page(&(folio)->page)

static inline void set_page_private(struct page *page, unsigned long private)
{
	page->private = private;
}
#define page_private(page) ((page)->private)
void split_page(struct page *page, unsigned int order);
bool is_vmalloc_addr(const void *virt);
void *kvmalloc_node(size_t size, gfp_t gfp, int node) __alloc_size(1);
void kvfree(const void *ptr);
void *kvrealloc(const void *ptr, size_t old, size_t size, gfp_t gfp) __alloc_size(3);
void kvfree_sensitive(const void *ptr, size_t size);
void si_meminfo(void *info);
struct page *vmalloc_to_page(const void *virt);
unsigned long vmalloc_to_pfn(const void *virt);
#define kvmalloc(size, gfp) kvmalloc_node(size, gfp, NUMA_NO_NODE)
#define kvzalloc_node(size, gfp, node) kvmalloc_node(size, (gfp) | __GFP_ZERO, node)
#define kvzalloc(size, gfp) kvmalloc(size, (gfp) | __GFP_ZERO)

static inline void *kvmalloc_array(size_t n, size_t size, gfp_t gfp)
{
	size_t bytes;

	return __builtin_mul_overflow(n, size, &bytes) ? NULL : kvmalloc(bytes, gfp);
}
#define kvcalloc(n, size, gfp) kvmalloc_array(n, size, (gfp) | __GFP_ZERO)
