/* Linux: include/linux/rwlock_types.h and include/asm-generic/qrwlock_types.h */
#pragma once
#include <linux/spinlock_types.h>

typedef struct qrwlock {
	union {
		atomic_t cnts;
		struct {
			u8 wlocked;
			u8 __lstate[3];
		};
	};
	arch_spinlock_t wait_lock;
} arch_rwlock_t;

typedef struct {
	arch_rwlock_t raw_lock;
} rwlock_t;
