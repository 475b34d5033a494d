/* Linux: include/linux/printk.h */
#pragma once
#include <linux/init.h>
#include <linux/kern_levels.h>
#include <linux/ratelimit_types.h>
#include <linux/stdarg.h>

__cold __printf(1, 2) int _printk(const char *format, ...);
__printf(1, 0) int vprintk(const char *format, va_list args);
__cold void dump_stack(void);
__cold void dump_stack_lvl(const char *level);
#define printk(format, ...) _printk(format, ##__VA_ARGS__)
/* Checks its arguments, and is no code. */
#define no_printk(format, ...) \
	({ \
		if (0) \
			_printk(format, ##__VA_ARGS__); \
		0; \
	})

#ifndef pr_fmt
#define pr_fmt(format) format
#endif
#define pr_emerg(format, ...) printk(KERN_EMERG pr_fmt(format), ##__VA_ARGS__)
#define pr_alert(format, ...) printk(KERN_ALERT pr_fmt(format), ##__VA_ARGS__)
#define pr_crit(format, ...) printk(KERN_CRIT pr_fmt(format), ##__VA_ARGS__)
#define pr_err(format, ...) printk(KERN_ERR pr_fmt(format), ##__VA_ARGS__)
#define pr_warn(format, ...) printk(KERN_WARNING pr_fmt(format), ##__VA_ARGS__)
#define pr_notice(format, ...) printk(KERN_NOTICE pr_fmt(format), ##__VA_ARGS__)
#define pr_info(format, ...) printk(KERN_INFO pr_fmt(format), ##__VA_ARGS__)
#define pr_cont(format, ...) printk(KERN_CONT format, ##__VA_ARGS__)
#ifdef DEBUG
#define pr_debug(format, ...) printk(KERN_DEBUG pr_fmt(format), ##__VA_ARGS__)
#else
#define pr_debug(format, ...) no_printk(KERN_DEBUG pr_fmt(format), ##__VA_ARGS__)
#endif
#define pr_devel(format, ...) no_printk(KERN_DEBUG pr_fmt(format), ##__VA_ARGS__)

#define printk_once(format, ...) \
	({ \
		static bool __section(".data.once") abi_done; \
		if (!abi_done) { \
			abi_done = true; \
			printk(format, ##__VA_ARGS__); \
		} \
	})
#define pr_err_once(format, ...) printk_once(KERN_ERR pr_fmt(format), ##__VA_ARGS__)
#define pr_warn_once(format, ...) printk_once(KERN_WARNING pr_fmt(format), ##__VA_ARGS__)
#define pr_info_once(format, ...) printk_once(KERN_INFO pr_fmt(format), ##__VA_ARGS__)

#define printk_ratelimited(format, ...) \
	({ \
		static DEFINE_RATELIMIT_STATE(abi_rate, DEFAULT_RATELIMIT_INTERVAL, DEFAULT_RATELIMIT_BURST); \
		if (__ratelimit(&abi_rate)) \
			printk(format, ##__VA_ARGS__); \
	})
#define pr_err_ratelimited(format, ...) printk_ratelimited(KERN_ERR pr_fmt(format), ##__VA_ARGS__)
#define pr_warn_ratelimited(format, ...) printk_ratelimited(KERN_WARNING pr_fmt(format), ##__VA_ARGS__)
#define pr_info_ratelimited(format, ...) printk_ratelimited(KERN_INFO pr_fmt(format), ##__VA_ARGS__)
int __printk_ratelimit(const char *function);
#define printk_ratelimit() __printk_ratelimit(__func__)

struct va_format {
	const char *fmt;
	va_list *va;
};

enum { DUMP_PREFIX_NONE, DUMP_PREFIX_ADDRESS, DUMP_PREFIX_OFFSET };
int hex_dump_to_buffer(const void *data, size_t bytes, int rowsize, int groupsize, char *line, size_t size, bool ascii);
void print_hex_dump(const char *level, const char *prefix, int prefix_type, int rowsize, int groupsize, const void *data,
		    size_t bytes, bool ascii);
#ifdef DEBUG
#define print_hex_dump_debug(prefix, prefix_type, rowsize, groupsize, data, bytes, ascii) \
	print_hex_dump(KERN_DEBUG, prefix, prefix_type, rowsize, groupsize, data, bytes, ascii)
#else
#define print_hex_dump_debug(prefix, prefix_type, rowsize, groupsize, data, bytes, ascii) \
	do { \
		if (0) \
			print_hex_dump(KERN_DEBUG, prefix, prefix_type, rowsize, groupsize, data, bytes, ascii); \
	} while (0)
#endif
#define print_hex_dump_bytes(prefix, prefix_type, data, bytes) \
	print_hex_dump_debug(prefix, prefix_type, 16, 1, data, bytes, true)
