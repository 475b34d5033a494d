/* Linux: include/linux/bsearch.h */
#pragma once
#include <linux/sort.h>
void *bsearch(const void *key, const void *base, size_t count, size_t size, cmp_func_t compare);
