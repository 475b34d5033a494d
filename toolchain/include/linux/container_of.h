/* Linux: include/linux/container_of.h */
#pragma once
#include <linux/build_bug.h>
#define container_of(ptr, type, member) \
	({ \
		void *abi_member = (void *)(ptr); \
		static_assert(__same_type(*(ptr), ((type *)0)->member) || __same_type(*(ptr), void), "container_of: types differ"); \
		(type *)(abi_member - offsetof(type, member)); \
	})
