/* Linux: include/linux/random.h */
#pragma once
#include <linux/types.h>
void get_random_bytes(void *buffer, size_t bytes);
u32 get_random_u32(void);
u64 get_random_u64(void);
