// SPDX-License-Identifier: GPL-2.0
/*
 * Probe: string functions at their edges
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/module.h>
#include <linux/string.h>

#pragma GCC diagnostic ignored "-Wstringop-truncation"

static int __init string_edges_init(void)
{
	char buf[8], line[] = "a,b,,c", *rest = line, *part, padded[] = "  in the middle \t\n";
	static const char * const words[] = { "zero", "one", "two", NULL };

	pr_info("strscpy %zd '%s'\n", strscpy(buf, "fits", sizeof(buf)), buf);
	pr_info("strscpy %zd '%s'\n", strscpy(buf, "does not fit", sizeof(buf)), buf);
	pr_info("strscpy %zd, pad %zd\n", strscpy(buf, "x", 0), strscpy_pad(buf, "ab", sizeof(buf)));
	pr_info("%*ph\n", 8, buf);
	pr_info("strlcpy %zu '%s'\n", strlcpy(buf, "longer than it", sizeof(buf)), buf);
	strcpy(buf, "abc");
	pr_info("strlcat %zu '%s'\n", strlcat(buf, "defghij", sizeof(buf)), buf);
	strncpy(buf, "12345678", sizeof(buf));
	pr_info("strnlen %zu\n", strnlen(buf, sizeof(buf)));
	while ((part = strsep(&rest, ",")))
		pr_info("strsep '%s'\n", part);
	pr_info("strim '%s'\n", strim(padded));
	pr_info("skip_spaces '%s'\n", skip_spaces(" \t x "));
	pr_info("%d %d %d\n", strcmp("a", "b") < 0, strncmp("abcd", "abxx", 2), strcasecmp("AbC", "aBc"));
	pr_info("%s %s %d\n", strstr("haystack", "st"), strnstr("haystack", "ack", 8), !strnstr("haystack", "ack", 7));
	pr_info("%s %s %d\n", strchr("hello", 'l'), strrchr("hello", 'l'), !strchr("hello", 'z'));
	pr_info("%zu %zu %s\n", strspn("aabbc", "ab"), strcspn("aabbc", "c"), strpbrk("aabbc", "cb"));
	pr_info("%d %d\n", match_string(words, -1, "two"), match_string(words, -1, "three"));
	pr_info("%d %d\n", sysfs_streq("on\n", "on"), sysfs_streq("on", "off"));
	pr_info("%d %d\n", !memchr_inv("aaaa", 'a', 4), (int)((char *)memchr_inv("aaba", 'a', 4) - (char *)"aaba") >= 0);
	pr_info("%d %d\n", memcmp("abc", "abd", 3) < 0, memcmp("abc", "abd", 2));
	return 0;
}

static void __exit string_edges_exit(void)
{
	pr_info("exit\n");
}

module_init(string_edges_init);
module_exit(string_edges_exit);
MODULE_DESCRIPTION("string functions at their edges");
MODULE_LICENSE("GPL");
