/* Linux: include/linux/kernel.h */
#pragma once
#include <linux/align.h>
#include <linux/bitops.h>
#include <linux/bug.h>
#include <linux/build_bug.h>
#include <linux/compiler.h>
#include <linux/container_of.h>
#include <linux/kstrtox.h>
#include <linux/limits.h>
#include <linux/log2.h>
#include <linux/math.h>
#include <linux/minmax.h>
#include <linux/panic.h>
#include <linux/printk.h>
#include <linux/stdarg.h>
#include <linux/stringify.h>
#include <linux/types.h>

#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]) + __must_be_array(array))
#define typecheck(type, x) ({ type abi_a; __typeof__(x) abi_b; (void)(&abi_a == &abi_b); 1; })
#define PTR_ALIGN(p, a) ((__typeof__(p))ALIGN((unsigned long)(p), (a)))
#define upper_32_bits(n) ((u32)(((n) >> 16) >> 16))
#define lower_32_bits(n) ((u32)((n) & 0xffffffff))

/* Sleeping is allowed here: an optional reschedule, behind a static call. */
void abi_might_resched(void) __asm__("__SCT__might_resched");
#define might_resched() abi_might_resched()
#define might_sleep() might_resched()
#define might_sleep_if(condition) \
	do { \
		if (condition) \
			might_sleep(); \
	} while (0)

__printf(2, 3) int sprintf(char *buffer, const char *format, ...);
__printf(2, 0) int vsprintf(char *buffer, const char *format, va_list args);
__printf(3, 4) int snprintf(char *buffer, size_t size, const char *format, ...);
__printf(3, 0) int vsnprintf(char *buffer, size_t size, const char *format, va_list args);
__printf(3, 4) int scnprintf(char *buffer, size_t size, const char *format, ...);
__printf(3, 0) int vscnprintf(char *buffer, size_t size, const char *format, va_list args);
__printf(2, 3) char *kasprintf(gfp_t gfp, const char *format, ...);
__printf(2, 0) char *kvasprintf(gfp_t gfp, const char *format, va_list args);
__scanf(2, 3) int sscanf(const char *text, const char *format, ...);
unsigned long long memparse(const char *text, char **end);
int hex_to_bin(unsigned char digit);
int __must_check hex2bin(u8 *to, const char *text, size_t bytes);
char *bin2hex(char *to, const void *from, size_t bytes);
extern const char hex_asc[], hex_asc_upper[];
#define hex_asc_lo(byte) hex_asc[(byte) & 0x0f]
#define hex_asc_hi(byte) hex_asc[((byte) & 0xf0) >> 4]
#define hex_asc_upper_lo(byte) hex_asc_upper[(byte) & 0x0f]
#define hex_asc_upper_hi(byte) hex_asc_upper[((byte) & 0xf0) >> 4]
