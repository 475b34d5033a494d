// SPDX-License-Identifier: GPL-2.0
/*
 * Probe: kstrto*: signs, blanks, bases, ends of line, limits of each type
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/kernel.h>
#include <linux/module.h>

#define TRY(type, function, format)											\
	({ type v = 0; int e = function(text, 0, &v);							  \
	   e ? snprintf(out, sizeof(out), "%d", e)								 \
		 : snprintf(out, sizeof(out), format "!", v);						  \
	   pr_cont(" %s", out); })

static void each(const char *text)
{
	char out[32];
	bool yes = false;

	pr_info("'%*pE':", (int)strlen(text), text);
	TRY(u8, kstrtou8, "%u");
	TRY(s8, kstrtos8, "%d");
	TRY(u16, kstrtou16, "%u");
	TRY(s16, kstrtos16, "%d");
	TRY(unsigned int, kstrtouint, "%u");
	TRY(int, kstrtoint, "%d");
	TRY(unsigned long, kstrtoul, "%lu");
	TRY(long, kstrtol, "%ld");
	TRY(unsigned long long, kstrtoull, "%llu");
	TRY(long long, kstrtoll, "%lld");
	pr_cont(" bool %d", kstrtobool(text, &yes));
	pr_cont(" %d\n", yes);
}

static int __init kstrto_more_init(void)
{
	static const char * const texts[] = {
		"0", "1", "-1", "+1", "--1", "+-1", " 1", "1 ", "1\n", "1\n\n", "\n", "", "0x10", "0X1f", "0x", "x", "010", "08",
		"127", "128", "-128", "-129", "255", "256", "65535", "65536", "2147483647", "2147483648", "-2147483648",
		"-2147483649", "4294967295", "4294967296", "9223372036854775807", "9223372036854775808", "-9223372036854775808",
		"18446744073709551615", "18446744073709551616", "1_000", "1e3", "0b1",
	};

	for (int i = 0; i < ARRAY_SIZE(texts); i++)
		each(texts[i]);
	return 0;
}

static void __exit kstrto_more_exit(void)
{
	pr_info("exit\n");
}

module_init(kstrto_more_init);
module_exit(kstrto_more_exit);
MODULE_DESCRIPTION("kstrto*");
MODULE_LICENSE("GPL");
