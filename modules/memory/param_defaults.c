// SPDX-License-Identifier: GPL-2.0
/*
 * Parameters that are not given keep the value that the variable was compiled with; switches may be given alone.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/moduleparam.h>

static int number = 12;
module_param(number, int, 0644);
static char *text = "compiled in";
module_param(text, charp, 0644);
static int numbers[3] = { 1, 2, 3 };
static int given = -1;
module_param_array(numbers, int, &given, 0644);
static bool verbose;
module_param(verbose, bool, 0644);	/* "verbose" alone means verbose=1 */
static bool with_dash;
module_param(with_dash, bool, 0644);	/* "with-dash" and "with_dash" are the same */

static int __init param_defaults_init(void)
{
	pr_info("number %d, text \"%s\", numbers %d %d %d, given %d\n", number, text, numbers[0], numbers[1], numbers[2],
		given);
	pr_info("verbose %d, with_dash %d\n", verbose, with_dash);
	return 0;
}

static void __exit param_defaults_exit(void)
{
	pr_info("exit\n");
}

module_init(param_defaults_init);
module_exit(param_defaults_exit);
MODULE_DESCRIPTION("Module parameters that are left alone");
MODULE_LICENSE("GPL");
