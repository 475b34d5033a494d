/* Linux: include/linux/build_bug.h */
#pragma once
#include <linux/compiler.h>
#define BUILD_BUG_ON_MSG(condition, message) _Static_assert(!(condition), message)
#define BUILD_BUG_ON(condition) BUILD_BUG_ON_MSG(condition, "BUILD_BUG_ON failed: " #condition)
#define BUILD_BUG_ON_NOT_POWER_OF_2(n) BUILD_BUG_ON((n) == 0 || (((n) & ((n) - 1)) != 0))
#define abi_static_assert(expression, message, ...) _Static_assert(expression, message)
#define static_assert(expression, ...) abi_static_assert(expression, ##__VA_ARGS__, #expression)
