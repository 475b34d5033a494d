// SPDX-License-Identifier: GPL-2.0
/*
 * Module parameters of every type, beside their defaults.
 *
 * The kernel converts "name=value" according to the type and writes it into the
 * variable before init runs. A value that does not fit makes insmod fail.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/moduleparam.h>

static int number = -1;
module_param(number, int, 0644);
MODULE_PARM_DESC(number, "a signed number");
static unsigned int count = 1;
module_param(count, uint, 0444);
static long long_number = -2;
module_param(long_number, long, 0);
static unsigned long long_count = 2;
module_param(long_count, ulong, 0);
static unsigned long long wide_count = 3;
module_param(wide_count, ullong, 0);
static short small_number = -3;
module_param(small_number, short, 0);
static unsigned short small_count = 3;
module_param(small_count, ushort, 0);
static unsigned char tiny = 4;
module_param(tiny, byte, 0);
static unsigned int hex = 5;
module_param(hex, hexint, 0);
static bool on;
module_param(on, bool, 0);
static bool off = true;
module_param(off, invbool, 0);	/* off=1 makes it false */
static bool enable_only;
module_param(enable_only, bool_enable_only, 0);
static char *text = "default";
module_param(text, charp, 0);
static char *untouched = "untouched";
module_param(untouched, charp, 0);
static char copy[12] = "default";
module_param_string(copy, copy, sizeof(copy), 0);
static int inner = 6;
module_param_named(outer, inner, int, 0);	/* is called "outer" outside */
static int numbers[4] = { 10, 20, 30, 40 };
static int numbers_given;
module_param_array(numbers, int, &numbers_given, 0);
static char *words[3];
static unsigned int words_given;
module_param_array(words, charp, &words_given, 0);
static bool switches[3];
module_param_array(switches, bool, NULL, 0);

static int even;

static int set_even(const char *value, const struct kernel_param *kp)
{
	int err = param_set_int(value, kp);

	if (err)
		return err;
	pr_info("set_even(\"%s\") for %s\n", value, kp->name);
	return *(int *)kp->arg % 2 ? -EINVAL : 0;
}

static const struct kernel_param_ops even_ops = { .set = set_even, .get = param_get_int };
module_param_cb(even, &even_ops, &even, 0644);

static int flag_set(const char *value, const struct kernel_param *kp)
{
	pr_info("%s given %s\n", kp->name, value ?: "without a value");
	return 0;
}

static const struct kernel_param_ops flag_ops = { .flags = KERNEL_PARAM_OPS_FL_NOARG, .set = flag_set };
module_param_cb(flag, &flag_ops, NULL, 0);

static int __init param_types_init(void)
{
	int i;

	pr_info("number %d, count %u, long_number %ld, long_count %lu, wide_count %llu\n", number, count, long_number,
		long_count, wide_count);
	pr_info("small_number %d, small_count %u, tiny %u, hex %#x\n", small_number, small_count, tiny, hex);
	pr_info("on %d, off %d, enable_only %d\n", on, off, enable_only);
	pr_info("text \"%s\", untouched \"%s\", copy \"%s\"\n", text, untouched, copy);
	pr_info("inner %d, even %d\n", inner, even);
	pr_info("numbers_given %d: %d %d %d %d\n", numbers_given, numbers[0], numbers[1], numbers[2], numbers[3]);
	for (i = 0; i < words_given; i++)
		pr_info("word %d of %u: \"%s\"\n", i, words_given, words[i]);
	pr_info("switches %d %d %d\n", switches[0], switches[1], switches[2]);
	return 0;
}

static void __exit param_types_exit(void)
{
	pr_info("exit\n");
}

module_init(param_types_init);
module_exit(param_types_exit);
MODULE_DESCRIPTION("Module parameters of every type");
MODULE_LICENSE("GPL");
