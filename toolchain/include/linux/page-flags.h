/* Linux: include/linux/page-flags.h */
#pragma once
#include <abi/page-flags.h> /* PG_* */
#include <linux/bitops.h>
#include <linux/mm_types.h>

static __always_inline struct page *compound_head(const struct page *page)
{
	unsigned long head = READ_ONCE(page->compound_head);

	return head & 1 ? (struct page *)(head - 1) : (struct page *)page;
}
#define page_folio(page) ((struct folio *)compound_head(page))

static __always_inline int PageTail(const struct page *page)
{
	return READ_ONCE(page->compound_head) & 1;
}

#define abi_page_flag(Name, flag, of) \
	static __always_inline int Page##Name(struct page *page) { return test_bit(PG_##flag, &of(page)->flags); } \
	static __always_inline void SetPage##Name(struct page *page) { set_bit(PG_##flag, &of(page)->flags); } \
	static __always_inline void ClearPage##Name(struct page *page) { clear_bit(PG_##flag, &of(page)->flags); }
#define abi_itself(page) (page)

abi_page_flag(Locked, locked, compound_head)
abi_page_flag(Referenced, referenced, compound_head)
abi_page_flag(Dirty, dirty, compound_head)
abi_page_flag(LRU, lru, compound_head)
abi_page_flag(Active, active, compound_head)
abi_page_flag(Slab, slab, compound_head)
abi_page_flag(Reserved, reserved, compound_head)
abi_page_flag(Private, private, abi_itself)
abi_page_flag(Private2, private_2, abi_itself)
abi_page_flag(Uptodate, uptodate, compound_head)
abi_page_flag(Head, head, abi_itself)

#define PageHighMem(page) ((void)(page), 0)

static __always_inline int PageCompound(struct page *page)
{
	return PageHead(page) || PageTail(page);
}
