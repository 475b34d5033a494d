/* Linux: asm/io.h */
#pragma once
#include <linux/io.h>
