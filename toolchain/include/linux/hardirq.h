/* Linux: include/linux/hardirq.h */
#pragma once
#include <linux/irqflags.h>
#include <linux/preempt.h>
