/* Linux: asm/types.h */
#pragma once
#include <linux/types.h>
