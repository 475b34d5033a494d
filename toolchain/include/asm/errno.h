/* Linux: asm/errno.h */
#pragma once
#include <linux/errno.h>
