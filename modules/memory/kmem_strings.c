// SPDX-License-Identifier: GPL-2.0
/*
 * Copies and strings in fresh memory: kmemdup(), kstrdup(), kasprintf() ...
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/string_helpers.h>

static const char text[] = "The quick brown fox";

/* Takes over str. */
static void show(const char *what, char *str)
{
	if (str)
		pr_info("%s: \"%s\", length %zu, ksize %zu\n", what, str, strlen(str), ksize(str));
	else
		pr_info("%s: NULL\n", what);
	kfree(str);
}

static int copies(void)
{
	static const u8 bytes[] = { 1, 2, 3, 0, 5, 6, 7, 8, 9, 10 };
	u8 *copy = kmemdup(bytes, sizeof(bytes), GFP_KERNEL);

	if (!copy)
		return -ENOMEM;
	pr_info("kmemdup: %*ph, equal %d, another place %d\n", (int)sizeof(bytes), copy,
		!memcmp(copy, bytes, sizeof(bytes)), copy != bytes);
	kfree_sensitive(copy);		/* is cleared before it is freed */
	return 0;
}

/* kstrdup_const() does not copy what lies in the kernel's read-only data; a module's does not count as such. */
static int constant(void)
{
	const char *copy = kstrdup_const(text, GFP_KERNEL);

	if (!copy)
		return -ENOMEM;
	pr_info("kstrdup_const: \"%s\", copied %d\n", copy, copy != text);
	kfree_const(copy);
	return 0;
}

static int __init kmem_strings_init(void)
{
	int err;

	show("kstrdup", kstrdup(text, GFP_KERNEL));
	show("kstrdup of nothing", kstrdup("", GFP_KERNEL));
	show("kstrdup(NULL)", kstrdup(NULL, GFP_KERNEL));
	show("kstrndup 9", kstrndup(text, 9, GFP_KERNEL));
	show("kstrndup 100", kstrndup(text, 100, GFP_KERNEL));
	show("kmemdup_nul 3", kmemdup_nul(text, 3, GFP_KERNEL));
	show("kasprintf", kasprintf(GFP_KERNEL, "%s-%d:%04x", "name", 42, 0xbeef));
	show("kasprintf of 200", kasprintf(GFP_KERNEL, "%0200d", 7));
	show("kstrdup_quotable", kstrdup_quotable("a\tb \"c\" \x01\n", GFP_KERNEL));

	err = copies();
	if (!err)
		err = constant();
	return err;
}

static void __exit kmem_strings_exit(void)
{
	pr_info("exit\n");
}

module_init(kmem_strings_init);
module_exit(kmem_strings_exit);
MODULE_DESCRIPTION("Strings and other copies in allocated memory");
MODULE_LICENSE("GPL");
