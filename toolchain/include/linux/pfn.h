/* Linux: linux/pfn.h */
#pragma once
#include <asm/page.h>
