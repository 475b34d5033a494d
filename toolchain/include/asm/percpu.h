/* Linux: asm/percpu.h */
#pragma once
#include <linux/percpu-defs.h>
