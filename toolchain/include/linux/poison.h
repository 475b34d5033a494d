/* Linux: include/linux/poison.h */
#pragma once
#include <abi/poison.h> /* POISON_* */
#define LIST_POISON1 ((void *)0xdead000000000100UL)
#define LIST_POISON2 ((void *)0xdead000000000122UL)
