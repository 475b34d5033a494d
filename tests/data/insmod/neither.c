// SPDX-License-Identifier: GPL-2.0
/* Neither an init nor an exit function. */
#include <linux/module.h>

MODULE_LICENSE("GPL");
