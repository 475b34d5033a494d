/* Linux: include/linux/list_sort.h */
#pragma once
#include <linux/list.h>
typedef int __attribute__((nonnull(2, 3))) (*list_cmp_func_t)(void *data, const struct list_head *a, const struct list_head *b);
void list_sort(void *data, struct list_head *head, list_cmp_func_t compare);
