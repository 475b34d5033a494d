// SPDX-License-Identifier: GPL-2.0
/*
 * Probe: parameters that are refused: every type, its limits, arrays, strings
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/module.h>

static unsigned char b;
static short s;
static unsigned short us;
static int i;
static unsigned int ui, hex;
static long l;
static unsigned long ul;
static unsigned long long ull;
static bool yes, no;
static char *text = "default";
static char buffer[8] = "old";
static int numbers[3], nr;

module_param(b, byte, 0);
module_param(s, short, 0);
module_param(us, ushort, 0);
module_param(i, int, 0);
module_param(ui, uint, 0);
module_param(l, long, 0);
module_param(ul, ulong, 0);
module_param(ull, ullong, 0);
module_param(hex, hexint, 0);
module_param(yes, bool, 0);
module_param(no, invbool, 0);
module_param(text, charp, 0);
module_param_string(buffer, buffer, sizeof(buffer), 0);
module_param_array(numbers, int, &nr, 0);

static int __init param_errors_init(void)
{
	pr_info("byte %u short %d ushort %u int %d uint %u\n", b, s, us, i, ui);
	pr_info("long %ld ulong %lu ullong %llu hexint %x\n", l, ul, ull, hex);
	pr_info("bool %d invbool %d charp %s string '%s' array of %d\n", yes, no, text, buffer, nr);
	return 0;
}

static void __exit param_errors_exit(void)
{
	pr_info("exit\n");
}

module_init(param_errors_init);
module_exit(param_errors_exit);
MODULE_DESCRIPTION("parameters that are refused");
MODULE_LICENSE("GPL");
