/* Linux: include/linux/errno.h */
#pragma once
#include <abi/errno.h> /* E+ */
