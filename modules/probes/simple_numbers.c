// SPDX-License-Identifier: GPL-2.0
/*
 * Probe: simple_strto*, memparse, get_option(s), hex digits
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/kernel.h>
#include <linux/module.h>

static int __init simple_numbers_init(void)
{
	char *end;
	int ints[6], value = 0;
	const char *options = "5,1-3,7,x";
	char list[] = "9,-4,0x10", *at = list;
	u8 bytes[4] = {};
	char hex[9] = "";

	pr_info("%lu '%s'\n", simple_strtoul("123abc", &end, 10), end);
	pr_info("%lx '%s'\n", simple_strtoul("0x1fg", &end, 0), end);
	pr_info("%ld '%s'\n", simple_strtol("-077z", &end, 0), end);
	pr_info("%llu\n", simple_strtoull("99999999999999999999", NULL, 10));
	pr_info("%llu '%s'\n", memparse("16k rest", &end), end);
	pr_info("%llu %llu %llu %llu\n", memparse("1M", NULL), memparse("2g", NULL), memparse("0x10K", NULL), memparse("3T", NULL));
	end = get_options(options, ARRAY_SIZE(ints), ints);
	pr_info("%d: %d %d %d %d %d, rest '%s'\n", ints[0], ints[1], ints[2], ints[3], ints[4], ints[5], end);
	pr_info("%d %d '%s'\n", get_option(&at, &value), value, at);
	pr_info("%d %d %d %d\n", hex_to_bin('a'), hex_to_bin('F'), hex_to_bin('g'), hex_to_bin('9'));
	pr_info("%d", hex2bin(bytes, "12aBcdEf", 4));
	pr_cont(" %*ph\n", 4, bytes);
	pr_info("%d\n", hex2bin(bytes, "12xx", 2));
	bin2hex(hex, bytes, 4);
	pr_info("%s\n", hex);
	return 0;
}

static void __exit simple_numbers_exit(void)
{
	pr_info("exit\n");
}

module_init(simple_numbers_init);
module_exit(simple_numbers_exit);
MODULE_DESCRIPTION("simple_strto*, memparse, get_option(s), hex digits");
MODULE_LICENSE("GPL");
