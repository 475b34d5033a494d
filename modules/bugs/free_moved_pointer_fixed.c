// SPDX-License-Identifier: GPL-2.0
/* Leading blanks are skipped with a second pointer; the first one is freed. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/ctype.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/string.h>

static int parse(const char *text)
{
	char *word = kstrdup(text, GFP_KERNEL);	
	char *copy = word;

	if (!word)
		return -ENOMEM;
	while (isspace(*word))
		word++;
	pr_info("word '%s'\n", word);
	kfree(copy);
	return 0;
}

static int __init words_init(void)
{
	int err = parse("  first");

	pr_info("parsed: %d\n", err);
	return err;
}

static void __exit words_exit(void)
{
	pr_info("exit\n");
}

module_init(words_init);
module_exit(words_exit);
MODULE_DESCRIPTION("kfree() of a pointer that has moved on");
MODULE_LICENSE("GPL");
