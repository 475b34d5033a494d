/* Linux: include/linux/mm_types.h */
#pragma once
#include <linux/compiler.h>
#include <linux/list.h>
#include <linux/spinlock_types.h>

struct address_space;

ABI_STRUCT(page,
	ABI_MEMBER(page, flags, unsigned long flags)
	ABI_MEMBER(page, lru, struct list_head lru)
	ABI_MEMBER(page, compound_head, unsigned long compound_head)
	ABI_MEMBER(page, compound_dtor, unsigned char compound_dtor)
	ABI_MEMBER(page, compound_order, unsigned char compound_order)
	ABI_MEMBER(page, compound_nr, unsigned int compound_nr)
	ABI_MEMBER(page, mapping, struct address_space *mapping)
	ABI_MEMBER(page, index, unsigned long index)
	ABI_MEMBER(page, private, unsigned long private)
	ABI_MEMBER(page, _mapcount, atomic_t _mapcount)
	ABI_MEMBER(page, page_type, unsigned int page_type)
	ABI_MEMBER(page, _refcount, atomic_t _refcount)
);

/* A page that is no tail of another. */
ABI_STRUCT(folio,
	struct page page;
);

struct vm_area_struct;
struct mm_struct;
