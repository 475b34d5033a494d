/* Linux: asm/bug.h */
#pragma once
#include <linux/bug.h>
