// SPDX-License-Identifier: GPL-2.0
/*
 * Probe: sscanf: conversions, widths, what stops it
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/module.h>

static int __init sscanf_forms_init(void)
{
	int a = -1, b = -1, n;
	unsigned int u = 0;
	long l = 0;
	unsigned long long ull = 0;
	char word[16] = "", set[16] = "";
	u8 small = 0;

	n = sscanf("12 -34", "%d %d", &a, &b);
	pr_info("%d: %d %d\n", n, a, b);
	n = sscanf("0x1f 017 9", "%i %i %u", &a, &b, &u);
	pr_info("%d: %d %d %u\n", n, a, b, u);
	n = sscanf("ff:zz", "%x:%x", &a, &b);
	pr_info("%d: %x\n", n, a);
	n = sscanf("hello world", "%5s %s", word, set);
	pr_info("%d: %s %s\n", n, word, set);
	n = sscanf("abc123", "%[a-c]%d", set, &a);
	pr_info("%d: %s %d\n", n, set, a);
	n = sscanf("123456", "%2d%3d%n", &a, &b, &u);
	pr_info("%d: %d %d, %u\n", n, a, b, u);
	n = sscanf("7,8", "%*d,%d", &b);
	pr_info("%d: %d\n", n, b);
	n = sscanf("-9223372036854775808 18446744073709551615", "%ld %llu", &l, &ull);
	pr_info("%d: %ld %llu\n", n, l, ull);
	n = sscanf("300", "%hhu", &small);
	pr_info("%d: %u\n", n, small);
	pr_info("%d %d %d\n", sscanf("", "%d", &a), sscanf("x", "%d", &a), sscanf("5%", "%d%%", &a));
	return 0;
}

static void __exit sscanf_forms_exit(void)
{
	pr_info("exit\n");
}

module_init(sscanf_forms_init);
module_exit(sscanf_forms_exit);
MODULE_DESCRIPTION("sscanf");
MODULE_LICENSE("GPL");
