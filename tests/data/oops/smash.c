// SPDX-License-Identifier: GPL-2.0
#include <linux/module.h>
#include <linux/kernel.h>
#include <linux/init.h>
static noinline void victim(char *(*get)(char *))
{
	char buf[16];
	char *p = get(buf);
	int i;

	for (i = 0; i < 48; i++)
		p[i] = (char)i;
	pr_info("%s\n", buf);
}
static noinline char *same(char *p)
{
	OPTIMIZER_HIDE_VAR(p);
	return p;
}

static int __init smash_init(void)
{
	victim(same);
	return 0;
}

static void __exit smash_exit(void)
{
	pr_info("smash: exit\n");
}

module_init(smash_init);
module_exit(smash_exit);
MODULE_LICENSE("GPL");
