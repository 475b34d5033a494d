/* Linux: include/linux/kdev_t.h */
#pragma once
#include <abi/kdev_t.h> /* MINORBITS MINORMASK */
#include <linux/types.h>

#define MAJOR(number) ((unsigned int)((number) >> MINORBITS))
#define MINOR(number) ((unsigned int)((number) & MINORMASK))
#define MKDEV(major, minor) (((major) << MINORBITS) | (minor))
