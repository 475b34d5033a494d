/* Linux: include/linux/threads.h */
#pragma once
#include <abi/threads.h> /* NR_CPUS */
