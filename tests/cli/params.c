// SPDX-License-Identifier: GPL-2.0
/* One parameter of each kind, each with another default. */
#include <linux/module.h>
#include <linux/moduleparam.h>

static int n = -7;
module_param(n, int, 0644);
MODULE_PARM_DESC(n, "a number");
static bool on = true;
module_param(on, bool, 0444);
MODULE_PARM_DESC(on, "a switch");
static bool inverted;
module_param(inverted, invbool, 0444);
static char *word = "hello";
module_param(word, charp, 0);
MODULE_PARM_DESC(word, "a word: any");
static char *none;
module_param(none, charp, 0);
static ulong big = 1UL << 40;
module_param(big, ulong, 0);
static char text[16] = "abc";
module_param_string(text, text, sizeof(text), 0600);
static int list[4] = {1, 2, 3};
static int nr_list = 3;
module_param_array(list, int, &nr_list, 0600);
static ushort zero;
module_param_named(renamed, zero, ushort, 0);

static int set_it(const char *value, const struct kernel_param *param)
{
	return 0;
}

static const struct kernel_param_ops ops = { .set = set_it };
module_param_cb(custom, &ops, &n, 0644);

int exported_thing(void)
{
	return 1;
}
EXPORT_SYMBOL_GPL(exported_thing);

static int __init params_init(void)
{
	return 0;
}

static void __exit params_exit(void)
{
}

module_init(params_init);
module_exit(params_exit);
MODULE_LICENSE("GPL");
MODULE_AUTHOR("A. Person");
MODULE_AUTHOR("B. Person");
MODULE_DESCRIPTION("Parameters of all kinds");
MODULE_VERSION("1.2");
