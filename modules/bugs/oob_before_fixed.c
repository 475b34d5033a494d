// SPDX-License-Identifier: GPL-2.0
/* Blanks at the end are cut off as long as any character is left. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/module.h>
#include <linux/slab.h>
#include <linux/string.h>

#define LINE_SIZE 64

static char *line;

static size_t trimmed(const char *text, size_t length)
{
	while (length && READ_ONCE(text[length - 1]) == ' ')
		length--;
	return length;
}

static int __init line_init(void)
{
	line = kmalloc(LINE_SIZE, GFP_KERNEL);
	if (!line)
		return -ENOMEM;
	memset(line, ' ', LINE_SIZE);
	pr_info("%zu characters are left\n", trimmed(line, LINE_SIZE));
	return 0;
}

static void __exit line_exit(void)
{
	kfree(line);
	pr_info("exit\n");
}

module_init(line_init);
module_exit(line_exit);
MODULE_DESCRIPTION("A byte before the beginning of the buffer");
MODULE_LICENSE("GPL");
