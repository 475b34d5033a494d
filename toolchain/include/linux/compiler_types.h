/* Included before everything else: what kernel code expects of the compiler. Linux: include/linux/compiler_types.h */
#pragma once
#include <abi/layout.h>

/* Layouts come from the ABI file. A partial structure is a union of its size and of members, each behind its own padding. */
#define ABI_SIZEOF(type) abi_sizeof_##type
#define ABI_OFFSETOF(type, member) abi_offsetof_##type##__##member
#define ABI_STRUCT(type, ...) \
	struct type { \
		union { \
			unsigned long abi_align; \
			char abi_size[ABI_SIZEOF(type)]; \
			__VA_ARGS__ \
		}; \
	}
#define ABI_MEMBER(type, member, declaration) \
	struct { \
		char abi_before_##member[ABI_OFFSETOF(type, member)]; \
		declaration; \
	};

#define __always_inline inline __attribute__((__always_inline__))
#define noinline __attribute__((__noinline__))
#define __noreturn __attribute__((__noreturn__))
#define __printf(format, first) __attribute__((__format__(printf, format, first)))
#define __scanf(format, first) __attribute__((__format__(scanf, format, first)))
#define __used __attribute__((__used__))
#define __maybe_unused __attribute__((__unused__))
#define __always_unused __attribute__((__unused__))
#define __must_check __attribute__((__warn_unused_result__))
#define __packed __attribute__((__packed__))
#define __aligned(bytes) __attribute__((__aligned__(bytes)))
#define __section(name) __attribute__((__section__(name)))
#define __weak __attribute__((__weak__))
#define __alias(name) __attribute__((__alias__(#name)))
#define __visible
#define __pure __attribute__((__pure__))
#define __attribute_const__ __attribute__((__const__))
#define __malloc __attribute__((__malloc__))
#define __cold __attribute__((__cold__))
#define __alloc_size(...) __attribute__((__alloc_size__(__VA_ARGS__)))
#define fallthrough __attribute__((__fallthrough__))

/* Only sparse reads these. */
#define __user
#define __kernel
#define __iomem
#define __percpu
#define __rcu
#define __force
#define __bitwise
#define __must_hold(x)
#define __acquires(x)
#define __releases(x)

#define ___PASTE(a, b) a##b
#define __PASTE(a, b) ___PASTE(a, b)
#define __UNIQUE_ID(prefix) __PASTE(__PASTE(__UNIQUE_ID_, prefix), __COUNTER__)
#define __stringify_1(x...) #x
#define __stringify(x...) __stringify_1(x)
#define asm_inline asm
