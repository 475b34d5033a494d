/* Linux: include/linux/kstrtox.h */
#pragma once
#include <linux/compiler.h>
int __must_check kstrtoull(const char *text, unsigned int base, unsigned long long *result);
int __must_check kstrtoll(const char *text, unsigned int base, long long *result);
int __must_check kstrtouint(const char *text, unsigned int base, unsigned int *result);
int __must_check kstrtoint(const char *text, unsigned int base, int *result);
int __must_check kstrtou16(const char *text, unsigned int base, u16 *result);
int __must_check kstrtos16(const char *text, unsigned int base, s16 *result);
int __must_check kstrtou8(const char *text, unsigned int base, u8 *result);
int __must_check kstrtos8(const char *text, unsigned int base, s8 *result);
int __must_check kstrtobool(const char *text, bool *result);

/* long and long long are the same here, and Linux imports the latter. */
static inline int __must_check kstrtoul(const char *text, unsigned int base, unsigned long *result)
{
	return kstrtoull(text, base, (unsigned long long *)result);
}

static inline int __must_check kstrtol(const char *text, unsigned int base, long *result)
{
	return kstrtoll(text, base, (long long *)result);
}
#define kstrtou64 kstrtoull
#define kstrtos64 kstrtoll
#define kstrtou32 kstrtouint
#define kstrtos32 kstrtoint
unsigned long simple_strtoul(const char *text, char **end, unsigned int base);
long simple_strtol(const char *text, char **end, unsigned int base);
unsigned long long simple_strtoull(const char *text, char **end, unsigned int base);
