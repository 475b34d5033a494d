/* Included before everything else: the configuration of the kernel that the module is for. Linux: include/linux/kconfig.h */
#pragma once
#include <abi/kconfig.h> /* CONFIG_* */

#define abi_second(ignored, value, ...) value
#define abi_is_1_(junk_or_0) abi_second(junk_or_0 1, 0, 0)
#define abi_is_1(value) abi_is_1_(abi_placeholder_##value)
#define abi_is_1_expanded(value) abi_is_1(value)
#define abi_placeholder_1 0,
#define IS_BUILTIN(option) abi_is_1_expanded(option)
#define IS_MODULE(option) abi_is_1_expanded(option##_MODULE)
#define IS_ENABLED(option) (IS_BUILTIN(option) || IS_MODULE(option))
#define IS_REACHABLE(option) IS_ENABLED(option)
