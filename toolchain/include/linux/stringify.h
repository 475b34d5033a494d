/* Linux: include/linux/stringify.h; the macros are in compiler_types.h, which comes first. */
#pragma once
