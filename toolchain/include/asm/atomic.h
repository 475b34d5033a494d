/* Linux: asm/atomic.h */
#pragma once
#include <linux/atomic.h>
