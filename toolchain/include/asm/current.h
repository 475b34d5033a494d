/* Linux: asm/current.h */
#pragma once
#include <linux/sched.h>
