// SPDX-License-Identifier: GPL-2.0
/*
 * Probe: a module needs neither init nor exit; without both it can be removed
 */
#include <linux/module.h>

int no_init_value = 7;

MODULE_DESCRIPTION("a module needs neither init nor exit");
MODULE_LICENSE("GPL");
