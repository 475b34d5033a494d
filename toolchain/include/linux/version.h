/* Linux: include/generated/uapi/linux/version.h */
#pragma once
#include <abi/version.h> /* LINUX_VERSION_CODE */
#define KERNEL_VERSION(a, b, c) (((a) << 16) + ((b) << 8) + ((c) > 255 ? 255 : (c)))
