// SPDX-License-Identifier: GPL-2.0
/*
 * Probe: printk: flags, widths and precisions of numbers
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/module.h>

#pragma GCC diagnostic ignored "-Wformat"
#pragma GCC diagnostic ignored "-Wformat-extra-args"

static int __init printk_integers_init(void)
{
	pr_info("[%d] [%5d] [%-5d] [%05d] [%+d] [% d] [%5.3d] [%.0d] [%.3d]\n", 42, 42, 42, 42, 42, 42, 42, 0, 7);
	pr_info("[%x] [%X] [%#x] [%#X] [%#o] [%o] [%08x] [%#010x] [%-#10x] [%#x]\n", 255, 255, 255, 255, 8, 8, 255, 255, 255, 0);
	pr_info("[%u] [%lu] [%llu] [%zu] [%zd] [%hhu] [%hu] [%hhd] [%hd]\n", -1, -1L, -1LL, (size_t)-1, (ssize_t)-1, 300, 70000, 200, 40000);
	pr_info("[%i] [%ld] [%lld] [%td] [%Lx]\n", INT_MIN, LONG_MIN, LLONG_MIN, (ptrdiff_t)-5, 0x123456789abcdefLL);
	pr_info("[%*d] [%-*d] [%*d] [%.*d] [%.*d]\n", 6, 1, 6, 2, -6, 3, 4, 5, -4, 6);
	pr_info("[%c] [%3c] [%-3c] [%%] [%5%] [%c]\n", 'a', 'b', 'c', 'd');
	pr_info("[%+ d] [%0-5d] [%-05d] [%+u] [%#d]\n", 1, 2, 3, 4, 5);
	pr_info("[%60d]\n", 1);
	return 0;
}

static void __exit printk_integers_exit(void)
{
	pr_info("exit\n");
}

module_init(printk_integers_init);
module_exit(printk_integers_exit);
MODULE_DESCRIPTION("printk");
MODULE_LICENSE("GPL");
