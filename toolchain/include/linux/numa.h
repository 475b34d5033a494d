/* Linux: include/linux/numa.h */
#pragma once
#include <abi/numa.h> /* MAX_NUMNODES */
#define NUMA_NO_NODE (-1)
