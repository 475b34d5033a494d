// SPDX-License-Identifier: GPL-2.0
/*
 * kstrtoint() and its family: what is a number, and what is not.
 *
 * A sign, digits, and one newline at the end are all that is accepted: no blanks,
 * nothing behind the number. -EINVAL means no number, -ERANGE too large a one.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/kernel.h>
#include <linux/kstrtox.h>
#include <linux/module.h>
#include <linux/string.h>

#define SHOW(type, function, format, ...)						\
do {											\
	type result = 77;								\
	int err = function(__VA_ARGS__, &result);					\
											\
	pr_info("%s(%s) = %d, " format "\n", #function, #__VA_ARGS__, err, result);	\
} while (0)

static void integers(void)
{
	SHOW(int, kstrtoint, "%d", "0", 0);
	SHOW(int, kstrtoint, "%d", "-42", 0);
	SHOW(int, kstrtoint, "%d", "+42", 0);
	SHOW(int, kstrtoint, "%d", "42\n", 0);
	SHOW(int, kstrtoint, "%d", "42\n\n", 0);
	SHOW(int, kstrtoint, "%d", " 42", 0);
	SHOW(int, kstrtoint, "%d", "42 ", 0);
	SHOW(int, kstrtoint, "%d", "", 0);
	SHOW(int, kstrtoint, "%d", "\n", 0);
	SHOW(int, kstrtoint, "%d", "-", 0);
	SHOW(int, kstrtoint, "%d", "+-1", 0);
	SHOW(int, kstrtoint, "%d", "4x", 0);
	SHOW(int, kstrtoint, "%d", "2147483647", 0);
	SHOW(int, kstrtoint, "%d", "2147483648", 0);
	SHOW(int, kstrtoint, "%d", "-2147483648", 0);
	SHOW(int, kstrtoint, "%d", "-2147483649", 0);
	SHOW(unsigned int, kstrtouint, "%u", "4294967295", 0);
	SHOW(unsigned int, kstrtouint, "%u", "4294967296", 0);
	SHOW(unsigned int, kstrtouint, "%u", "-1", 0);
	SHOW(unsigned int, kstrtouint, "%u", "+1", 0);
}

static void bases(void)
{
	SHOW(int, kstrtoint, "%d", "0x1f", 0);
	SHOW(int, kstrtoint, "%d", "0X1F", 0);
	SHOW(int, kstrtoint, "%d", "0x1f", 16);
	SHOW(int, kstrtoint, "%d", "1f", 16);
	SHOW(int, kstrtoint, "%d", "1f", 0);
	SHOW(int, kstrtoint, "%d", "017", 0);
	SHOW(int, kstrtoint, "%d", "017", 10);
	SHOW(int, kstrtoint, "%d", "018", 0);
	SHOW(int, kstrtoint, "%d", "0x", 0);
	SHOW(int, kstrtoint, "%d", "0xg", 0);
	SHOW(int, kstrtoint, "%d", "1010", 2);
	SHOW(int, kstrtoint, "%d", "12", 2);
	SHOW(int, kstrtoint, "%d", "0b11", 0);
}

static void widths(void)
{
	SHOW(u8, kstrtou8, "%u", "255", 10);
	SHOW(u8, kstrtou8, "%u", "256", 10);
	SHOW(s8, kstrtos8, "%d", "-128", 10);
	SHOW(s8, kstrtos8, "%d", "128", 10);
	SHOW(u16, kstrtou16, "%u", "65536", 10);
	SHOW(s16, kstrtos16, "%d", "-32769", 10);
	SHOW(unsigned long, kstrtoul, "%lu", "18446744073709551615", 10);
	SHOW(unsigned long, kstrtoul, "%lu", "18446744073709551616", 10);
	SHOW(long, kstrtol, "%ld", "-9223372036854775808", 10);
	SHOW(long, kstrtol, "%ld", "9223372036854775808", 10);
	SHOW(unsigned long long, kstrtoull, "%llu", "0xffffffffffffffff", 0);
	SHOW(long long, kstrtoll, "%lld", "-0x10", 0);
}

static void bools(void)
{
	static const char * const words[] = { "1", "0", "y", "n", "Y", "N", "yes", "no", "on", "off", "ON", "oF", "o",
		"t", "f", "true", "2", "", "1x", "yellow" };
	bool result;
	int i, err;

	for (i = 0; i < ARRAY_SIZE(words); i++) {
		result = false;
		err = kstrtobool(words[i], &result);
		pr_info("kstrtobool(\"%s\") = %d, %d\n", words[i], err, result);
	}
}

static void simple(void)
{
	char *end;
	long long number;

	number = simple_strtoul("123abc", &end, 10);
	pr_info("simple_strtoul(\"123abc\") = %lld, rest \"%s\"\n", number, end);
	number = simple_strtol("-0x1fz", &end, 0);
	pr_info("simple_strtol(\"-0x1fz\") = %lld, rest \"%s\"\n", number, end);
	number = memparse("64K,1M", &end);
	pr_info("memparse(\"64K,1M\") = %lld, rest \"%s\"\n", number, end);
	number = memparse("0x10g", &end);
	pr_info("memparse(\"0x10g\") = %lld, rest \"%s\"\n", number, end);
}

static int __init kstrto_edges_init(void)
{
	integers();
	bases();
	widths();
	bools();
	simple();
	return 0;
}

static void __exit kstrto_edges_exit(void)
{
	pr_info("exit\n");
}

module_init(kstrto_edges_init);
module_exit(kstrto_edges_exit);
MODULE_DESCRIPTION("Edges of the conversions from text to numbers");
MODULE_LICENSE("GPL");
