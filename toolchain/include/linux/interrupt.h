/* Linux: include/linux/interrupt.h; of it only what tells where one is. */
#pragma once
#include <linux/bottom_half.h>
#include <linux/hardirq.h>
