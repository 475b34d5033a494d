/* Linux: include/linux/cache.h */
#pragma once
#include <abi/cache.h> /* L1_CACHE_* SMP_CACHE_BYTES */
#include <linux/align.h>
#include <linux/init.h>
#define L1_CACHE_ALIGN(x) ALIGN(x, L1_CACHE_BYTES)
#define ____cacheline_aligned __attribute__((__aligned__(SMP_CACHE_BYTES)))
#define ____cacheline_aligned_in_smp ____cacheline_aligned
#define __cacheline_aligned ____cacheline_aligned __section(".data..cacheline_aligned")
#define __cacheline_aligned_in_smp __cacheline_aligned
