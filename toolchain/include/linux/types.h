/* Linux: include/linux/types.h */
#pragma once
#include <linux/stddef.h>

typedef signed char __s8, s8, int8_t;
typedef unsigned char __u8, u8, uint8_t, u_char, unchar;
typedef short __s16, s16, int16_t;
typedef unsigned short __u16, u16, uint16_t, u_short, ushort;
typedef int __s32, s32, int32_t;
typedef unsigned int __u32, u32, uint32_t, u_int, uint;
typedef long long __s64, s64, int64_t;
typedef unsigned long long __u64, u64, uint64_t;
typedef unsigned long u_long, ulong;

typedef __u16 __le16, __be16, __sum16;
typedef __u32 __le32, __be32, __wsum;
typedef __u64 __le64, __be64;

typedef unsigned long size_t, uintptr_t, __kernel_size_t, __kernel_ulong_t;
typedef long ssize_t, ptrdiff_t, intptr_t, __kernel_ssize_t;
typedef long long loff_t;
typedef _Bool bool;
typedef int pid_t;
typedef unsigned int gfp_t, slab_flags_t, fmode_t;
typedef unsigned short umode_t;
typedef __u32 dev_t;
typedef u64 phys_addr_t, dma_addr_t, sector_t, blkcnt_t;
typedef phys_addr_t resource_size_t;
typedef long long time64_t;
typedef unsigned long irq_hw_number_t, pgoff_t, pteval_t, pgprotval_t;

typedef struct {
	int counter;
} atomic_t;

typedef struct {
	s64 counter;
} atomic64_t;

typedef atomic64_t atomic_long_t;

struct list_head {
	struct list_head *next, *prev;
};

struct hlist_head {
	struct hlist_node *first;
};

struct hlist_node {
	struct hlist_node *next, **pprev;
};

struct callback_head {
	struct callback_head *next;
	void (*func)(struct callback_head *head);
} __attribute__((aligned(sizeof(void *))));
#define rcu_head callback_head

enum { false, true };

#define BITS_PER_BYTE 8
#define BITS_PER_LONG 64
#define BITS_PER_LONG_LONG 64
#define BITS_TO_LONGS(bits) (((bits) + BITS_PER_LONG - 1) / BITS_PER_LONG)
#define DECLARE_BITMAP(name, bits) unsigned long name[BITS_TO_LONGS(bits)]
