/* BUG and WARN: an invalid instruction, and an entry in __bug_table that says what it means. Linux: include/asm-generic/bug.h */
#pragma once
#include <abi/bug.h> /* BUGFLAG_* TAINT_WARN */
#include <linux/build_bug.h>
#include <linux/compiler.h>
#include <linux/printk.h>

struct bug_entry {
	int bug_addr_disp;
	int file_disp;
	unsigned short line;
	unsigned short flags;
};

#define abi_bug(flags) \
	__asm__ __volatile__("1: ud2\n" \
			     ".pushsection __bug_table, \"aw\"\n" \
			     "2: .long 1b - .\n" \
			     ".long %c0 - .\n" \
			     ".word %c1, %c2\n" \
			     ".org 2b + %c3\n" \
			     ".popsection" \
			     : \
			     : "i"(__FILE__), "i"(__LINE__), "i"(flags), "i"(sizeof(struct bug_entry)))
#define abi_warn(flags) abi_bug(BUGFLAG_WARNING | (flags) | TAINT_WARN << 8)

#define BUG() \
	do { \
		abi_bug(0); \
		__builtin_unreachable(); \
	} while (0)
#define BUG_ON(condition) \
	do { \
		if (unlikely(condition)) \
			BUG(); \
	} while (0)

__printf(1, 2) void __warn_printk(const char *format, ...);
#define WARN_ON(condition) \
	({ \
		int abi_is_so = !!(condition); \
		if (unlikely(abi_is_so)) \
			abi_warn(0); \
		unlikely(abi_is_so); \
	})
#define WARN_ON_ONCE(condition) \
	({ \
		int abi_is_so = !!(condition); \
		if (unlikely(abi_is_so)) \
			abi_warn(BUGFLAG_ONCE); \
		unlikely(abi_is_so); \
	})
#define WARN(condition, ...) \
	({ \
		int abi_is_so = !!(condition); \
		if (unlikely(abi_is_so)) { \
			__warn_printk(__VA_ARGS__); \
			abi_warn(BUGFLAG_NO_CUT_HERE); \
		} \
		unlikely(abi_is_so); \
	})
#define WARN_ONCE(condition, ...) \
	({ \
		static bool __section(".data.once") abi_done; \
		int abi_was_so = !!(condition); \
		if (unlikely(abi_was_so && !abi_done)) { \
			abi_done = true; \
			WARN(1, __VA_ARGS__); \
		} \
		unlikely(abi_was_so); \
	})
