// SPDX-License-Identifier: GPL-2.0
/*
 * The kernel's string functions, with what they return at the edges.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/ctype.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/string.h>
#include <linux/string_helpers.h>

/* Keeps the compiler from computing the results itself. */
static noinline const char *opaque(const char *text)
{
	OPTIMIZER_HIDE_VAR(text);
	return text;
}

static int sign(int n)
{
	return (n > 0) - (n < 0);
}

static void copying(void)
{
	char buffer[8];

	pr_info("strscpy fits: %zd\n", strscpy(buffer, opaque("1234567"), sizeof(buffer)));
	pr_info("[%s]\n", buffer);
	pr_info("strscpy too long: %zd\n", strscpy(buffer, opaque("12345678"), sizeof(buffer)));
	pr_info("[%s]\n", buffer);
	pr_info("strlcpy too long: %zu\n", strlcpy(buffer, opaque("123456789"), sizeof(buffer)));
	pr_info("[%s]\n", buffer);
	memset(buffer, 'x', sizeof(buffer));
	strncpy(buffer, opaque("ab"), 5);
	pr_info("strncpy fills up: %*ph\n", 8, buffer);
	strscpy_pad(buffer, opaque("cd"), sizeof(buffer));
	pr_info("strscpy_pad: %*ph\n", 8, buffer);
	strcpy(buffer, opaque("ab"));
	strcat(buffer, opaque("cd"));
	strncat(buffer, opaque("efgh"), 2);
	pr_info("strcat, strncat: [%s]\n", buffer);
	memmove(buffer + 1, buffer, 6);
	pr_info("memmove over itself: %*ph\n", 8, buffer);
}

static void comparing(void)
{
	pr_info("strcmp %d %d %d\n", sign(strcmp(opaque("a"), "b")), sign(strcmp(opaque("b"), "a")),
		strcmp(opaque("a"), "a"));
	pr_info("strcmp of bytes over 127: %d\n", sign(strcmp(opaque("\xff"), "a")));
	pr_info("strncmp %d, strcasecmp %d, strncasecmp %d\n", strncmp(opaque("abcX"), "abcY", 3),
		strcasecmp(opaque("ABC"), "abc"), strncasecmp(opaque("ABCx"), "abcy", 3));
	pr_info("memcmp %d, sysfs_streq %d, match_string %d\n", sign(memcmp(opaque("a\0b"), "a\0c", 3)),
		sysfs_streq(opaque("on\n"), "on"), match_string((const char *[]){ "red", "green" }, 2, opaque("green")));
	pr_info("str_has_prefix %zu, strstarts %d\n", str_has_prefix(opaque("prefix-x"), "prefix"),
		strstarts(opaque("prefix"), "pre"));
}

static void searching(void)
{
	const char *text = opaque("a needle in a haystack");

	pr_info("strlen %zu, strnlen %zu\n", strlen(text), strnlen(text, 5));
	pr_info("strchr [%s], strrchr [%s], strchr of what is not there %d\n", strchr(text, 'n'), strrchr(text, 'a'),
		strchr(text, 'z') != NULL);
	pr_info("strchrnul of what is not there: length %zd\n", strchrnul(text, 'z') - text);
	pr_info("strstr [%s], strnstr in 5 bytes %d\n", strstr(text, "hay"), strnstr(text, "needle", 5) != NULL);
	pr_info("strspn %zu, strcspn %zu, strpbrk [%s]\n", strspn(text, "a en"), strcspn(text, "dl"), strpbrk(text, "hy"));
	pr_info("memchr at %zd, memchr_inv at %zd, memscan at %zd\n", (char *)memchr(text, 'd', 22) - text,
		(char *)memchr_inv(text, 'a', 22) - text, (char *)memscan((void *)text, 'z', 22) - text);
}

static void splitting(void)
{
	char text[] = "one,,two;three", spaces[] = "  both ends\t\n", *rest = text, *word;

	while ((word = strsep(&rest, ",;")))
		pr_info("strsep [%s]\n", word);
	pr_info("strim [%s]\n", strim(spaces));
	pr_info("skip_spaces [%s]\n", skip_spaces(opaque(" \t x")));
	strreplace(text, 'o', '0');
	pr_info("strreplace [%s], kbasename [%s]\n", text, kbasename(opaque("/a/b/c.ko")));
}

static void characters(void)
{
	u8 bytes[3];

	pr_info("isdigit %d %d, isspace %d, toupper %c, tolower %c\n", !!isdigit('7'), !!isdigit('a'), !!isspace('\v'),
		toupper('x'), tolower('X'));
	pr_info("isalnum(0xe4) %d, isprint(0xa0) %d\n", !!isalnum(0xe4), !!isprint(0xa0));
	pr_info("hex_to_bin %d %d %d, hex_asc_lo %c\n", hex_to_bin('f'), hex_to_bin('A'), hex_to_bin('g'), hex_asc_lo(0xab));
	pr_info("hex2bin %d\n", hex2bin(bytes, opaque("00ffA5"), 3));
	pr_info("%*ph, hex2bin of no number %d\n", 3, bytes, hex2bin(bytes, opaque("0g"), 1));
}

static int __init string_functions_init(void)
{
	copying();
	comparing();
	searching();
	splitting();
	characters();
	return 0;
}

static void __exit string_functions_exit(void)
{
	pr_info("exit\n");
}

module_init(string_functions_init);
module_exit(string_functions_exit);
MODULE_DESCRIPTION("String functions at their edges");
MODULE_LICENSE("GPL");
