// SPDX-License-Identifier: GPL-2.0
/*
 * The levels of printk(), continued lines, and what becomes of a newline.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/printk.h>
#include <linux/string.h>

static char long_text[1200];

static void levels(void)
{
	pr_emerg("emerg\n");
	pr_alert("alert\n");
	pr_crit("crit\n");
	pr_err("err\n");
	pr_warn("warn\n");
	pr_notice("notice\n");
	pr_info("info\n");
	pr_debug("debug is off unless it is switched on\n");
	printk(KERN_DEBUG "printk with KERN_DEBUG is logged\n");
	printk("without a level\n");
	printk(KERN_DEFAULT "with KERN_DEFAULT\n");
	printk("\0013" "the prefix is two characters\n");
	printk("%s", KERN_ERR "a level in an argument counts as well\n");
}

static void continued(void)
{
	printk(KERN_NOTICE "begun");
	printk(KERN_CONT ", continued");
	pr_cont(", %s\n", "ended");

	printk(KERN_INFO "no newline, but the next printk starts a line of its own");
	printk(KERN_WARNING "so this is the next line\n");
	printk(KERN_CONT "continued after a newline\n");
	printk("begun without a level");
	printk("and this has none either\n");
}

static void newlines(void)
{
	printk(KERN_INFO "two\nlines in one message\n");
	printk(KERN_INFO "two newlines at the end\n\n");
	printk(KERN_INFO "\n");
	printk(KERN_INFO);
	printk("%s", "");
	printk(KERN_INFO "tab\there, escape \x1b here, backslash \\ here, umlaut \xc3\xa4 here\n");
}

static void lengths(void)
{
	int written;

	written = printk(KERN_INFO "12345\n");
	pr_info("printk returned %d\n", written);
	memset(long_text, 'x', sizeof(long_text) - 1);
	written = printk(KERN_INFO "%s\n", long_text);
	pr_info("printk of %zu characters returned %d\n", strlen(long_text) + 1, written);
	memset(long_text, 'y', 992);
	long_text[992] = 0;
	written = printk(KERN_INFO "%s\n", long_text);
	pr_info("printk of 993 characters returned %d\n", written);
}

static void once(void)
{
	int i;

	for (i = 0; i < 3; i++) {
		pr_info_once("once, in round %d\n", i);
		pr_warn_once("warned once, in round %d\n", i);
	}
	for (i = 0; i < 3; i++)
		pr_info_ratelimited("at most 10 in 5 seconds: %d\n", i);
}

static int __init printk_levels_init(void)
{
	levels();
	continued();
	newlines();
	lengths();
	once();
	return 0;
}

static void __exit printk_levels_exit(void)
{
	printk(KERN_INFO "exit\n");
}

module_init(printk_levels_init);
module_exit(printk_levels_exit);
MODULE_DESCRIPTION("printk levels, KERN_CONT and newlines");
MODULE_LICENSE("GPL");
