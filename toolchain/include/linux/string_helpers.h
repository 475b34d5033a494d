/* Linux: include/linux/string_helpers.h */
#pragma once
#include <linux/string.h>
char *kstrdup_quotable(const char *text, gfp_t gfp);
