/* Linux: include/linux/stat.h */
#pragma once
#include <abi/stat.h> /* S_I* */
