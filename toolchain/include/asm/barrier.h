/* Linux: asm/barrier.h */
#pragma once
#include <linux/atomic.h>
