/* Linux: include/linux/bitmap.h */
#pragma once
#include <linux/bitops.h>
#include <linux/string.h>
int __bitmap_weight(const unsigned long *words, unsigned int bits);
void __bitmap_set(unsigned long *words, unsigned int start, int count);
void __bitmap_clear(unsigned long *words, unsigned int start, int count);
unsigned long *bitmap_alloc(unsigned int bits, gfp_t flags);
unsigned long *bitmap_zalloc(unsigned int bits, gfp_t flags);
void bitmap_free(const unsigned long *words);
#define bitmap_weight(words, bits) __bitmap_weight(words, bits)
#define bitmap_set(words, start, count) __bitmap_set(words, start, count)
#define bitmap_clear(words, start, count) __bitmap_clear(words, start, count)
#define bitmap_zero(words, bits) memset(words, 0, BITS_TO_LONGS(bits) * sizeof(long))
#define bitmap_fill(words, bits) memset(words, 0xff, BITS_TO_LONGS(bits) * sizeof(long))
