/* Linux: include/linux/string.h */
#pragma once
#include <linux/compiler.h>
#include <linux/err.h>
#include <linux/stdarg.h>
#include <linux/types.h>

void *memcpy(void *to, const void *from, size_t bytes);
void *memmove(void *to, const void *from, size_t bytes);
void *memset(void *at, int byte, size_t bytes);
int memcmp(const void *a, const void *b, size_t bytes);
void *memchr(const void *at, int byte, size_t bytes);
void *memchr_inv(const void *at, int byte, size_t bytes);
void *memscan(void *at, int byte, size_t bytes);
size_t strlen(const char *text);
size_t strnlen(const char *text, size_t limit);
char *strcpy(char *to, const char *from);
char *strncpy(char *to, const char *from, size_t size);
size_t strlcpy(char *to, const char *from, size_t size);
ssize_t strscpy(char *to, const char *from, size_t size);
ssize_t strscpy_pad(char *to, const char *from, size_t size);
char *strcat(char *to, const char *from);
char *strncat(char *to, const char *from, size_t limit);
size_t strlcat(char *to, const char *from, size_t size);
int strcmp(const char *a, const char *b);
int strncmp(const char *a, const char *b, size_t limit);
int strcasecmp(const char *a, const char *b);
int strncasecmp(const char *a, const char *b, size_t limit);
char *strchr(const char *text, int c);
char *strchrnul(const char *text, int c);
char *strrchr(const char *text, int c);
char *strstr(const char *text, const char *part);
char *strnstr(const char *text, const char *part, size_t limit);
char *strpbrk(const char *text, const char *any);
char *strsep(char **text, const char *any);
size_t strspn(const char *text, const char *any);
size_t strcspn(const char *text, const char *any);
char *skip_spaces(const char *text);
char *strim(char *text);
bool sysfs_streq(const char *a, const char *b);
int match_string(const char *const *array, size_t count, const char *text);
char *kstrdup(const char *text, gfp_t gfp);
const char *kstrdup_const(const char *text, gfp_t gfp);
void kfree_const(const void *ptr);
char *kstrndup(const char *text, size_t limit, gfp_t gfp);
void *kmemdup(const void *from, size_t bytes, gfp_t gfp);
char *kmemdup_nul(const char *text, size_t bytes, gfp_t gfp);

static inline const char *kbasename(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static inline bool strstarts(const char *text, const char *prefix)
{
	return strncmp(text, prefix, strlen(prefix)) == 0;
}

static __always_inline size_t str_has_prefix(const char *text, const char *prefix)
{
	size_t length = strlen(prefix);

	return strncmp(text, prefix, length) == 0 ? length : 0;
}

char *strreplace(char *text, char old, char fresh);
#define strstrip(text) strim(text)
#define memzero_explicit(at, bytes) \
	do { \
		memset(at, 0, bytes); \
		__asm__ __volatile__("" : : "r"(at) : "memory"); \
	} while (0)
