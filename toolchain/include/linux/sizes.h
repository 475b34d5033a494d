/* Linux: include/linux/sizes.h */
#pragma once
#include <abi/sizes.h> /* SZ_* */
