/* Linux: include/linux/minmax.h */
#pragma once
#define abi_pick(x, op, y) \
	({ \
		__typeof__(x) abi_x = (x); \
		__typeof__(y) abi_y = (y); \
		(void)(&abi_x == &abi_y); \
		abi_x op abi_y ? abi_x : abi_y; \
	})
#define abi_pick_as(type, x, op, y) \
	({ \
		type abi_x = (x), abi_y = (y); \
		abi_x op abi_y ? abi_x : abi_y; \
	})
#define min(x, y) abi_pick(x, <, y)
#define max(x, y) abi_pick(x, >, y)
#define min_t(type, x, y) abi_pick_as(type, x, <, y)
#define max_t(type, x, y) abi_pick_as(type, x, >, y)
#define min3(x, y, z) min((__typeof__(x))min(x, y), z)
#define max3(x, y, z) max((__typeof__(x))max(x, y), z)
#define clamp(value, low, high) min((__typeof__(value))max(value, low), high)
#define clamp_t(type, value, low, high) min_t(type, max_t(type, value, low), high)
#define swap(a, b) \
	do { \
		__typeof__(a) abi_kept = (a); \
		(a) = (b); \
		(b) = abi_kept; \
	} while (0)
