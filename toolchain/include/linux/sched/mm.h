/* Linux: include/linux/sched/mm.h */
#pragma once
#include <linux/gfp.h>
#include <linux/sched.h>

static inline gfp_t current_gfp_context(gfp_t gfp)
{
	unsigned int flags = READ_ONCE(current->flags);

	if (flags & PF_MEMALLOC_NOIO)
		gfp &= ~(__GFP_IO | __GFP_FS);
	else if (flags & PF_MEMALLOC_NOFS)
		gfp &= ~__GFP_FS;
	return flags & PF_MEMALLOC_PIN ? gfp & ~__GFP_MOVABLE : gfp;
}

#define abi_scope(name, flag) \
	static inline unsigned int memalloc_##name##_save(void) \
	{ \
		unsigned int was = current->flags & (flag); \
		current->flags |= (flag); \
		return was; \
	} \
	static inline void memalloc_##name##_restore(unsigned int was) \
	{ \
		current->flags = (current->flags & ~(flag)) | was; \
	}
abi_scope(noio, PF_MEMALLOC_NOIO)
abi_scope(nofs, PF_MEMALLOC_NOFS)
abi_scope(noreclaim, PF_MEMALLOC)
