// SPDX-License-Identifier: GPL-2.0
/* A line is copied into an array on the stack until its end, however long it is. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/module.h>
#include <linux/string.h>

static const char *line = "a line that is much longer than anybody has expected it to be";

static noinline int count_words(const char *text)
{
	char copy[32];
	int i, words = 0;

	for (i = 0; text[i]; i++)
		WRITE_ONCE(copy[i], text[i]);
	while (i-- > 0)
		words += READ_ONCE(copy[i]) == ' ';
	return words;
}	/* finds: stack-smash */

static int __init words_init(void)
{
	OPTIMIZER_HIDE_VAR(line);
	pr_info("%d blanks\n", count_words(line));
	return 0;
}

static void __exit words_exit(void)
{
	pr_info("exit\n");
}

module_init(words_init);
module_exit(words_exit);
MODULE_DESCRIPTION("A copy that overruns a variable on the stack");
MODULE_LICENSE("GPL");
