/* Linux: include/linux/mmzone.h and include/linux/page-flags-layout.h */
#pragma once
#include <abi/mmzone.h> /* ZONE_* ZONES_* NODES_* SECTIONS_* SECTION_HAS_MEM_MAP SECTION_SIZE_BITS PFN_SECTION_SHIFT MAX_NR_ZONES MAX_ORDER MAX_ORDER_NR_PAGES PAGE_ALLOC_COSTLY_ORDER MIGRATE_* pageblock_order */
#include <asm/page.h>
#include <linux/mm_types.h>

ABI_STRUCT(zone,
	ABI_MEMBER(zone, zone_start_pfn, unsigned long zone_start_pfn)
	ABI_MEMBER(zone, spanned_pages, unsigned long spanned_pages)
	ABI_MEMBER(zone, present_pages, unsigned long present_pages)
	ABI_MEMBER(zone, name, const char *name)
);

ABI_STRUCT(pglist_data,
	ABI_MEMBER(pglist_data, node_zones, struct zone node_zones[MAX_NR_ZONES])
	ABI_MEMBER(pglist_data, node_start_pfn, unsigned long node_start_pfn)
	ABI_MEMBER(pglist_data, node_present_pages, unsigned long node_present_pages)
	ABI_MEMBER(pglist_data, node_id, int node_id)
);
typedef struct pglist_data pg_data_t;

ABI_STRUCT(mem_section,
	ABI_MEMBER(mem_section, section_mem_map, unsigned long section_mem_map)
);
extern struct mem_section **mem_section;

/* Sections present since boot are valid as a whole; there are no others in a machine without memory hotplug. */
static inline int pfn_valid(unsigned long pfn)
{
	unsigned long section = pfn >> PFN_SECTION_SHIFT;
	struct mem_section *root;

	if (section >= 1UL << (46 - SECTION_SIZE_BITS) || !mem_section)
		return 0;
	root = mem_section[section / SECTIONS_PER_ROOT];
	return root && root[section % SECTIONS_PER_ROOT].section_mem_map & SECTION_HAS_MEM_MAP;
}

extern struct pglist_data *node_data[];
#define NODE_DATA(nid) (node_data[nid])
