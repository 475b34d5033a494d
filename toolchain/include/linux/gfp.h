/* Linux: include/linux/gfp.h */
#pragma once
#include <linux/gfp_types.h>
#include <linux/mmzone.h>
#include <linux/numa.h>

#define __GFP_BITS_MASK ((gfp_t)((1 << __GFP_BITS_SHIFT) - 1))

struct page *alloc_pages(gfp_t gfp, unsigned int order);
struct page *__alloc_pages(gfp_t gfp, unsigned int order, int nid, void *nodes);
unsigned long __get_free_pages(gfp_t gfp, unsigned int order);
unsigned long get_zeroed_page(gfp_t gfp);
void *alloc_pages_exact(size_t size, gfp_t gfp);
void free_pages_exact(void *virt, size_t size);
void __free_pages(struct page *page, unsigned int order);
void free_pages(unsigned long virt, unsigned int order);
unsigned long __alloc_pages_bulk(gfp_t gfp, int nid, void *nodes, int count, struct list_head *list, struct page **pages);
struct folio *folio_alloc(gfp_t gfp, unsigned int order);
#define alloc_page(gfp) alloc_pages(gfp, 0)
#define alloc_pages_bulk_array(gfp, count, pages) __alloc_pages_bulk(gfp, 0, NULL, count, NULL, pages)
#define alloc_pages_bulk_list(gfp, count, list) __alloc_pages_bulk(gfp, 0, NULL, count, list, NULL)
#define alloc_pages_node(nid, gfp, order) __alloc_pages(gfp, order, (nid) < 0 ? 0 : (nid), NULL)
#define __get_free_page(gfp) __get_free_pages((gfp), 0)
#define __get_dma_pages(gfp, order) __get_free_pages((gfp) | GFP_DMA, (order))
#define __free_page(page) __free_pages((page), 0)
#define free_page(virt) free_pages((virt), 0)

static inline bool gfpflags_allow_blocking(const gfp_t gfp)
{
	return gfp & __GFP_DIRECT_RECLAIM;
}

/* The table holds the zone for each combination of the four lowest bits. */
static inline int gfp_zone(gfp_t gfp)
{
	return (GFP_ZONE_TABLE >> ((gfp & GFP_ZONEMASK) * GFP_ZONES_SHIFT)) & ((1 << GFP_ZONES_SHIFT) - 1);
}
