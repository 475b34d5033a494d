// SPDX-License-Identifier: GPL-2.0
/*
 * What string functions return and write. One call a line, as the test reads them as well:
 *     S("...")             set src, with a NUL; dst is all '~' and out is 0x55.. before each call
 *     D("...")             set dst, with a NUL, for the next call only
 *     C(name, args...)     call it; log its result, dst, src, out and ptr
 *     V(name, args...)     the same, for a function without a result
 * An argument is a number, a character, a string, dst, src, &out, &ptr, list or NULL.
 */
#define __NO_FORTIFY
#include <linux/ctype.h>
#include <linux/kernel.h>
#include <linux/kstrtox.h>
#include <linux/module.h>
#include <linux/string.h>
#include <linux/string_helpers.h>
#include <linux/uuid.h>

#pragma GCC diagnostic ignored "-Wincompatible-pointer-types"
char *stpcpy(char *, const char *);

static char dst[64], src[64], *ptr;
static u64 out, more;
static bool prepared;
static const char *const list[] = { "zero", "one", "two\n", NULL, "four" };

/* Through a variable: the compiler knows these functions, and must not do their work itself. */
#define F(name) static typeof(name) *volatile name##_p = name
F(strcpy); F(strncpy); F(strlcpy); F(strscpy); F(strscpy_pad); F(stpcpy); F(strcat); F(strncat); F(strlcat);
F(strcmp); F(strncmp); F(strcasecmp); F(strncasecmp); F(strlen); F(strnlen); F(strchr); F(strchrnul); F(strnchr);
F(strrchr); F(strspn); F(strcspn); F(strpbrk); F(strsep); F(strstr); F(strnstr); F(memcmp); F(memchr); F(memscan);
F(memchr_inv); F(memcpy_and_pad); F(skip_spaces); F(strim); F(strreplace); F(sysfs_streq); F(match_string);
F(__sysfs_match_string); F(string_get_size); F(string_unescape); F(string_escape_mem); F(hex_to_bin); F(hex2bin);
F(bin2hex); F(hex_dump_to_buffer); F(kstrtoull); F(kstrtoll); F(kstrtouint); F(kstrtoint); F(kstrtou16); F(kstrtos16);
F(kstrtou8); F(kstrtos8); F(kstrtobool); F(simple_strtoull); F(simple_strtoll); F(simple_strtoul); F(simple_strtol);
F(memparse); F(get_option); F(get_options); F(next_arg); F(sscanf); F(vsnprintf); F(snprintf); F(scnprintf);
F(uuid_is_valid); F(uuid_parse); F(guid_parse); F(bcmp);

static void prepare(void)
{
	if (!prepared)
		memset(dst, '~', sizeof(dst));
	prepared = false;
	out = 0x5555555555555555;
	more = out;
	ptr = src;
}

static const char *place(long value, char *to)
{
	if (value >= (long)dst && value <= (long)(dst + sizeof(dst)))
		sprintf(to, "dst+%ld", value - (long)dst);
	else if (value >= (long)src && value <= (long)(src + sizeof(src)))
		sprintf(to, "src+%ld", value - (long)src);
	else
		sprintf(to, "%ld", value);
	return to;
}

static int used(const char *buf, char rest)
{
	int size = 64;

	while (size && buf[size - 1] == rest)
		size--;
	return size;
}

static noinline void show(int line, long result)
{
	char a[24], b[24], c[24], d[24];

	printk(KERN_INFO "#%d %s [%*phN] [%*phN] %s %s %s\n", line, place(result, a), used(dst, '~'), dst, used(src, 0),
	       src, place(out, b), place(more, c), place((long)ptr, d));
}

#define S(text) do { memset(src, 0, sizeof(src)); memcpy(src, text, sizeof(text)); } while (0)
#define D(text) do { memset(dst, '~', sizeof(dst)); memcpy(dst, text, sizeof(text)); prepared = true; } while (0)
#define C(name, ...) do { prepare(); show(__LINE__, (long)name##_p(__VA_ARGS__)); } while (0)
#define V(name, ...) do { prepare(); name##_p(__VA_ARGS__); show(__LINE__, 0); } while (0)

static void copying(void)
{
	S("hello");
	C(strcpy, dst, src);
	C(stpcpy, dst, src);
	C(strncpy, dst, src, 0);
	C(strncpy, dst, src, 3);
	C(strncpy, dst, src, 5);
	C(strncpy, dst, src, 12);
	C(strlcpy, dst, src, 0);
	C(strlcpy, dst, src, 1);
	C(strlcpy, dst, src, 5);
	C(strlcpy, dst, src, 6);
	C(strlcpy, dst, src, 20);
	C(strscpy, dst, src, 0);
	C(strscpy, dst, src, 1);
	C(strscpy, dst, src, 5);
	C(strscpy, dst, src, 6);
	C(strscpy, dst, src, 7);
	C(strscpy, dst, src, 8);
	C(strscpy, dst, src, 20);
	C(strscpy_pad, dst, src, 5);
	C(strscpy_pad, dst, src, 6);
	C(strscpy_pad, dst, src, 20);
	S("sixteen letters!");
	C(strscpy, dst, src, 16);
	C(strscpy, dst, src, 17);
	C(strscpy, dst, src, 23);
	C(strscpy, dst, src, 24);
	C(strscpy, dst, src, 9);
	S("");
	C(strcpy, dst, src);
	C(strscpy, dst, src, 4);
	C(strscpy, dst, src, 8);
	S("tail");
	D("head "); C(strcat, dst, src);
	D("head "); C(strncat, dst, src, 0);
	D("head "); C(strncat, dst, src, 2);
	D("head "); C(strncat, dst, src, 9);
	D("head "); C(strlcat, dst, src, 6);
	D("head "); C(strlcat, dst, src, 8);
	D("head "); C(strlcat, dst, src, 10);
	D("head "); C(strlcat, dst, src, 20);
	V(memcpy_and_pad, dst, 8, src, 4, '.');
	V(memcpy_and_pad, dst, 3, src, 4, '.');
	V(memcpy_and_pad, dst, 4, src, 4, '.');
}

static void comparing(void)
{
	S("");
	C(strcmp, "abc", "abc");
	C(strcmp, "abc", "abd");
	C(strcmp, "abd", "abc");
	C(strcmp, "ab", "abc");
	C(strcmp, "a\377", "a\001");
	C(strcmp, "", "");
	C(strncmp, "abc", "abd", 2);
	C(strncmp, "abc", "abd", 3);
	C(strncmp, "ab", "ab", 9);
	C(strncmp, "a", "b", 0);
	C(strcasecmp, "ABC", "abc");
	C(strcasecmp, "ABC", "abd");
	C(strcasecmp, "A", "");
	C(strcasecmp, "", "Z");
	C(strcasecmp, "\304", "\344");
	C(strcasecmp, "_", "A");
	C(strncasecmp, "ABC", "abd", 2);
	C(strncasecmp, "ABC", "abd", 3);
	C(strncasecmp, "A", "", 3);
	C(strncasecmp, "", "Z", 3);
	C(strncasecmp, "x", "y", 0);
	C(memcmp, "abc", "abd", 3);
	C(memcmp, "abc", "abd", 2);
	C(memcmp, "a\377", "a\001", 2);
	C(memcmp, "12345678a", "12345678z", 9);
	C(memcmp, "x", "y", 0);
	C(sysfs_streq, "on", "on\n");
	C(sysfs_streq, "on\n", "on");
	C(sysfs_streq, "on\n", "on\n");
	C(sysfs_streq, "on\n\n", "on");
	C(sysfs_streq, "on", "off");
	C(sysfs_streq, "", "\n");
	C(match_string, list, 5, "one");
	C(match_string, list, 5, "two");
	C(match_string, list, 5, "four");
	C(match_string, list, 1, "one");
	C(match_string, list, -1, "two\n");
	C(__sysfs_match_string, list, 5, "two");
	C(__sysfs_match_string, list, 5, "one\n");
	C(__sysfs_match_string, list, 5, "three");
}

static void searching(void)
{
	S("hello world");
	C(strlen, src);
	C(strnlen, src, 5);
	C(strnlen, src, 50);
	C(strnlen, src, 0);
	C(strchr, src, 'o');
	C(strchr, src, 'z');
	C(strchr, src, 0);
	C(strchr, src, 0x16f);
	C(strchrnul, src, 'o');
	C(strchrnul, src, 'z');
	C(strrchr, src, 'o');
	C(strrchr, src, 'z');
	C(strrchr, src, 0);
	C(strnchr, src, 4, 'o');
	C(strnchr, src, 5, 'o');
	C(strnchr, src, 40, 'z');
	C(strnchr, src, 40, 0);
	C(strspn, src, "ehlo");
	C(strspn, src, "");
	C(strcspn, src, "wr");
	C(strcspn, src, "z");
	C(strpbrk, src, "wr");
	C(strpbrk, src, "z");
	C(strstr, src, "world");
	C(strstr, src, "worlds");
	C(strstr, src, "");
	C(strnstr, src, "wor", 9);
	C(strnstr, src, "wor", 8);
	C(strnstr, src, "", 0);
	C(memchr, src, 'w', 11);
	C(memchr, src, 'w', 6);
	C(memchr, src, 0, 64);
	C(memscan, src, 'w', 11);
	C(memscan, src, 'z', 11);
	C(memchr_inv, "aaaaaaaaaaaaaaaaaaaaaaaa", 'a', 24);
	S("aaaaaaaaaaaaaaaaaaaab");
	C(memchr_inv, src, 'a', 21);
	C(memchr_inv, src, 'a', 20);
	C(memchr_inv, src, 'b', 20);
	S("a,b;;c");
	C(strsep, &ptr, ",;");
	C(strsep, &ptr, "x");
	S(";");
	C(strsep, &ptr, ";");
	S("  two  words\t\n");
	C(skip_spaces, src);
	C(strim, src);
	S("   ");
	C(strim, src);
	S("");
	C(strim, src);
	S("\240x\240");
	C(strim, src);
	S("a-b-c");
	C(strreplace, src, '-', '_');
}

static void numbers(void)
{
	S("");
	C(kstrtoull, "0", 10, &out);
	C(kstrtoull, "18446744073709551615", 10, &out);
	C(kstrtoull, "18446744073709551616", 10, &out);
	C(kstrtoull, "18446744073709551616x", 10, &out);
	C(kstrtoull, "12x", 10, &out);
	C(kstrtoull, "", 10, &out);
	C(kstrtoull, "\n", 10, &out);
	C(kstrtoull, " 1", 10, &out);
	C(kstrtoull, "1\n", 10, &out);
	C(kstrtoull, "1\n\n", 10, &out);
	C(kstrtoull, "+1", 10, &out);
	C(kstrtoull, "-1", 10, &out);
	C(kstrtoull, "++1", 10, &out);
	C(kstrtoull, "0x1F", 0, &out);
	C(kstrtoull, "0X1f", 16, &out);
	C(kstrtoull, "1f", 16, &out);
	C(kstrtoull, "0x", 16, &out);
	C(kstrtoull, "0x", 0, &out);
	C(kstrtoull, "0xg", 0, &out);
	C(kstrtoull, "017", 0, &out);
	C(kstrtoull, "08", 0, &out);
	C(kstrtoull, "0", 0, &out);
	C(kstrtoull, "101", 2, &out);
	C(kstrtoull, "102", 2, &out);
	C(kstrtoll, "-9223372036854775808", 10, &out);
	C(kstrtoll, "-9223372036854775809", 10, &out);
	C(kstrtoll, "9223372036854775807", 10, &out);
	C(kstrtoll, "9223372036854775808", 10, &out);
	C(kstrtoll, "-0x10", 0, &out);
	C(kstrtoll, "-+1", 0, &out);
	C(kstrtoll, "+-1", 0, &out);
	C(kstrtoll, "-", 0, &out);
	C(kstrtoll, "-0", 0, &out);
	C(kstrtouint, "4294967295", 10, &out);
	C(kstrtouint, "4294967296", 10, &out);
	C(kstrtouint, "-1", 10, &out);
	C(kstrtoint, "-2147483648", 10, &out);
	C(kstrtoint, "-2147483649", 10, &out);
	C(kstrtoint, "2147483648", 10, &out);
	C(kstrtou16, "65535", 10, &out);
	C(kstrtou16, "65536", 10, &out);
	C(kstrtos16, "-32768", 10, &out);
	C(kstrtos16, "32768", 10, &out);
	C(kstrtou8, "255", 10, &out);
	C(kstrtou8, "256", 10, &out);
	C(kstrtou8, "256x", 10, &out);
	C(kstrtos8, "-128", 10, &out);
	C(kstrtos8, "-129", 10, &out);
	C(kstrtobool, "y", &out);
	C(kstrtobool, "True", &out);
	C(kstrtobool, "1x", &out);
	C(kstrtobool, "oN", &out);
	C(kstrtobool, "of", &out);
	C(kstrtobool, "No", &out);
	C(kstrtobool, "false", &out);
	C(kstrtobool, "0", &out);
	C(kstrtobool, "o", &out);
	C(kstrtobool, "x", &out);
	C(kstrtobool, "", &out);
	C(kstrtobool, NULL, &out);
	S("123abc");
	C(simple_strtoull, src, &ptr, 10);
	C(simple_strtoull, src, &ptr, 16);
	C(simple_strtoull, src, NULL, 0);
	S("0x");
	C(simple_strtoull, src, &ptr, 16);
	C(simple_strtoull, src, &ptr, 0);
	S("-12");
	C(simple_strtoll, src, &ptr, 10);
	C(simple_strtol, src, &ptr, 10);
	C(simple_strtoul, src, &ptr, 10);
	S("99999999999999999999");
	C(simple_strtoul, src, &ptr, 10);
	S("12K,");
	C(memparse, src, &ptr);
	S("0x10m");
	C(memparse, src, &ptr);
	S("3G");
	C(memparse, src, NULL);
	S("2Ex");
	C(memparse, src, &ptr);
	S("100E");
	C(memparse, src, &ptr);
	S("k");
	C(memparse, src, &ptr);
	S("5");
	C(get_option, &ptr, &out);
	S("-5,6");
	C(get_option, &ptr, &out);
	S("3-9");
	C(get_option, &ptr, &out);
	S("x");
	C(get_option, &ptr, &out);
	S("-");
	C(get_option, &ptr, &out);
	S("");
	C(get_option, &ptr, &out);
	S("7;");
	C(get_option, &ptr, NULL);
	S("1,3-5,8");
	C(get_options, src, 8, dst);
	C(get_options, src, 4, dst);
	C(get_options, src, 3, dst);
	C(get_options, src, 0, dst);
	S("4,x");
	C(get_options, src, 8, dst);
	S("9-3,1");
	C(get_options, src, 8, dst);
	S("1-9");
	C(get_options, src, 5, dst);
	S("-2-2,7 rest");
	C(get_options, src, 9, dst);
	S("");
	C(get_options, src, 8, dst);
}

static void words(void)
{
	S("name=value  next");
	C(next_arg, src, &ptr, &out);
	S("name");
	C(next_arg, src, &ptr, &out);
	S("name= x");
	C(next_arg, src, &ptr, &out);
	S("a=\"b c\" d");
	C(next_arg, src, &ptr, &out);
	S("\"a=b c\" d");
	C(next_arg, src, &ptr, &out);
	S("\"ab\" d");
	C(next_arg, src, &ptr, &out);
	S("a=\"b c");
	C(next_arg, src, &ptr, &out);
	S("a=b=c d");
	C(next_arg, src, &ptr, &out);
	S("=x y");
	C(next_arg, src, &ptr, &out);
	S("");
	C(next_arg, src, &ptr, &out);
}

static void hexadecimal(void)
{
	S("");
	C(hex_to_bin, '0');
	C(hex_to_bin, '9');
	C(hex_to_bin, 'a');
	C(hex_to_bin, 'F');
	C(hex_to_bin, 'g');
	C(hex_to_bin, '/');
	C(hex_to_bin, ':');
	C(hex_to_bin, '@');
	C(hex_to_bin, 0xe1);
	C(hex2bin, dst, "00fFa5", 3);
	C(hex2bin, dst, "00fg", 2);
	C(hex2bin, dst, "", 0);
	C(bin2hex, dst, "\001\377A", 3);
	S("\001\002\003 ABCDEFGHIJKLMNOPQRSTUVWXYZ\377\200");
	C(hex_dump_to_buffer, src, 16, 16, 1, dst, 64, 0);
	C(hex_dump_to_buffer, src, 8, 16, 1, dst, 64, 1);
	C(hex_dump_to_buffer, src, 8, 16, 2, dst, 64, 0);
	C(hex_dump_to_buffer, src, 8, 16, 4, dst, 64, 0);
	C(hex_dump_to_buffer, src, 8, 16, 8, dst, 64, 1);
	C(hex_dump_to_buffer, src, 7, 16, 2, dst, 64, 0);
	C(hex_dump_to_buffer, src, 8, 16, 3, dst, 64, 0);
	C(hex_dump_to_buffer, src, 20, 16, 1, dst, 64, 0);
	C(hex_dump_to_buffer, src, 20, 32, 4, dst, 64, 0);
	C(hex_dump_to_buffer, src, 20, 7, 4, dst, 64, 0);
	C(hex_dump_to_buffer, src, 16, 16, 1, dst, 20, 0);
	C(hex_dump_to_buffer, src, 16, 16, 1, dst, 0, 1);
	C(hex_dump_to_buffer, src, 16, 16, 1, dst, 1, 1);
	C(hex_dump_to_buffer, src, 4, 16, 1, dst, 11, 0);
	C(hex_dump_to_buffer, src, 4, 16, 1, dst, 12, 0);
	C(hex_dump_to_buffer, src, 4, 16, 1, dst, 13, 0);
	C(hex_dump_to_buffer, src, 8, 16, 4, dst, 12, 1);
	C(hex_dump_to_buffer, src, 8, 16, 4, dst, 17, 0);
	C(hex_dump_to_buffer, src, 8, 16, 4, dst, 18, 0);
	C(hex_dump_to_buffer, src, 8, 16, 4, dst, 40, 1);
	C(hex_dump_to_buffer, src, 0, 16, 1, dst, 40, 1);
	C(hex_dump_to_buffer, src, 0, 16, 1, dst, 0, 0);
	V(string_get_size, 0, 512, 0, dst, 20);
	V(string_get_size, 1, 1, 0, dst, 20);
	V(string_get_size, 1500, 1, 0, dst, 20);
	V(string_get_size, 1500, 1, 1, dst, 20);
	V(string_get_size, 999999, 1, 0, dst, 20);
	V(string_get_size, 8192, 4096, 1, dst, 20);
	V(string_get_size, 1953525168, 512, 0, dst, 20);
	V(string_get_size, 1953525168, 512, 1, dst, 20);
	V(string_get_size, 18446744073709551615UL, 4096, 0, dst, 20);
	V(string_get_size, 18446744073709551615UL, 18446744073709551615UL, 1, dst, 20);
	V(string_get_size, 105, 1000, 0, dst, 5);
	S("a\\nb\\x41\\101\\\\\\a\\q\\0");
	C(string_unescape, src, dst, 0, 15);
	C(string_unescape, src, dst, 0, 1);
	C(string_unescape, src, dst, 0, 2);
	C(string_unescape, src, dst, 0, 4);
	C(string_unescape, src, dst, 0, 8);
	C(string_unescape, src, dst, 5, 15);
	C(string_unescape, src, dst, 8, 15);
	C(string_unescape, src, dst, 1, 15);
	S("\\777\\18\\x\\xfff\\e");
	C(string_unescape, src, dst, 0, 15);
	S("a\nb\001\377 \\\"z");
	C(string_escape_mem, src, 9, dst, 64, 15, NULL);
	C(string_escape_mem, src, 9, dst, 64, 31, NULL);
	C(string_escape_mem, src, 9, dst, 64, 32, NULL);
	C(string_escape_mem, src, 9, dst, 64, 32 + 128, NULL);
	C(string_escape_mem, src, 9, dst, 64, 32 + 64, NULL);
	C(string_escape_mem, src, 9, dst, 64, 32, "az");
	C(string_escape_mem, src, 9, dst, 64, 256 + 32 + 16, "az");
	C(string_escape_mem, src, 9, dst, 64, 8, "");
	C(string_escape_mem, src, 9, dst, 6, 8, NULL);
	C(string_escape_mem, src, 9, dst, 0, 15, NULL);
	C(uuid_is_valid, "01234567-89ab-cdef-0123-456789ABCDEF");
	C(uuid_is_valid, "01234567-89ab-cdef-0123-456789ABCDEF and more");
	C(uuid_is_valid, "01234567-89ab-cdef-0123-456789ABCDE");
	C(uuid_is_valid, "01234567089ab-cdef-0123-456789ABCDEF");
	C(uuid_is_valid, "0123456g-89ab-cdef-0123-456789ABCDEF");
	C(uuid_parse, "01234567-89ab-cdef-0123-456789ABCDEF", dst);
	C(guid_parse, "01234567-89ab-cdef-0123-456789ABCDEF", dst);
	C(guid_parse, "01234567-89ab-cdef-0123", dst);
}

static void scanning(void)
{
	S("");
	C(sscanf, "12 34", "%d %d", &out, &more);
	C(sscanf, "12 34", "%d%d", &out, &more);
	C(sscanf, "12,34", "%d %d", &out, &more);
	C(sscanf, "12,34", "%d,%x", &out, &more);
	C(sscanf, "-5", "%d", &out);
	C(sscanf, "-5", "%u", &out);
	C(sscanf, "-5", "%hhd", &out);
	C(sscanf, "-5", "%hd", &out);
	C(sscanf, "-5", "%ld", &out);
	C(sscanf, "-5", "%lld", &out);
	C(sscanf, "300", "%hhu", &out);
	C(sscanf, "70000", "%hu", &out);
	C(sscanf, "0x1f", "%x", &out);
	C(sscanf, "0x1f", "%i", &out);
	C(sscanf, "0x1f", "%d", &out);
	C(sscanf, "017", "%i", &out);
	C(sscanf, "017", "%o", &out);
	C(sscanf, "8", "%o", &out);
	C(sscanf, "xyz", "%x", &out);
	C(sscanf, "0x", "%x", &out);
	C(sscanf, "12345", "%2d%d", &out, &more);
	C(sscanf, "-12345", "%3d%d", &out, &more);
	C(sscanf, "-1", "%1d", &out);
	C(sscanf, "0x1f2e", "%2x%x", &out, &more);
	C(sscanf, "0x1f2e", "%4x%x", &out, &more);
	C(sscanf, "0x1f2e", "%1x%s", &out, dst);
	C(sscanf, "  42", "%d", &out);
	C(sscanf, "  42", " %d", &out);
	C(sscanf, "a 42", "a%d", &out);
	C(sscanf, "a42", "a %d", &out);
	C(sscanf, "b42", "a%d", &out);
	C(sscanf, "", "%d", &out);
	C(sscanf, "", "", &out);
	C(sscanf, "hello world", "%s", dst);
	C(sscanf, "hello world", "%3s", dst);
	C(sscanf, "  hello", "%s%d", dst, &out);
	C(sscanf, "   ", "%s", dst);
	C(sscanf, "hello", "%c", dst);
	C(sscanf, "hello", "%3c", dst);
	C(sscanf, "hi", "%5c", dst);
	C(sscanf, " x", "%c", dst);
	C(sscanf, "12 abc 34", "%d %*s %d", &out, &more);
	C(sscanf, "12abc 34", "%*d %d", &out);
	C(sscanf, "12 34", "%*d%d", &out);
	C(sscanf, "abc", "%*[a]b", &out);
	C(sscanf, "50%", "%d%%%n", &out, &more);
	C(sscanf, "50", "%d%%", &out);
	C(sscanf, "12 34", "%d%n", &out, &more);
	C(sscanf, "12 34", "%d %d%n", &out, dst, &more);
	C(sscanf, "", "%n", &out);
	C(sscanf, "abc:def", "%5[^:]:%s", dst, src);
	S("");
	C(sscanf, "abcxyz", "%9[abc]%n", dst, &out);
	C(sscanf, "abcxyz", "%2[abc]%n", dst, &out);
	C(sscanf, "xyz", "%5[abc]", dst);
	C(sscanf, "abc", "%[abc]", dst);
	C(sscanf, "abc", "%5[abc", dst);
	C(sscanf, "abc", "%5[]", dst);
	C(sscanf, "12", "%q", &out);
	C(sscanf, "12", "%0d", &out);
	C(sscanf, "12", "%", &out);
	C(sscanf, "99999999999999999999", "%lu", &out);
	C(sscanf, "4294967297", "%u", &out);
	C(sscanf, "4096", "%zu", &out);
	C(sscanf, "ab", "ab%d", &out);
	C(sscanf, "1 2", "%d  %d", &out, &more);
}

static int __init string_functions_init(void)
{
	copying();
	comparing();
	searching();
	numbers();
	words();
	hexadecimal();
	scanning();
	return 0;
}

static void __exit string_functions_exit(void)
{
}

module_init(string_functions_init);
module_exit(string_functions_exit);
MODULE_DESCRIPTION("What string functions return and write");
MODULE_LICENSE("GPL");
