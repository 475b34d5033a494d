// SPDX-License-Identifier: GPL-2.0
/* What printf and the string functions WARN about; each once per boot. */
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/string.h>

static char buf[64];
static const char *volatile unsupported = "unsupported: %d %j %d\n";
static const char *volatile at_end = "at the end: %";
static const char *volatile wide = "wide: %*d|\n";
static const char *volatile precise = "precise: %.*d|\n";
static const char *volatile rust = "rust: %pA\n";
static volatile size_t huge = 0x80000000UL;
static ssize_t (*volatile copy)(char *, const char *, size_t) = strscpy;

static int __init printk_warnings_init(void)
{
	int n;

	n = snprintf(buf, sizeof(buf), unsupported, 1, 2, 3);
	pr_info("%d [%s]\n", n, buf);
	n = snprintf(buf, sizeof(buf), at_end, 1);
	pr_info("%d [%s]\n", n, buf);
	n = snprintf(buf, sizeof(buf), wide, 1 << 23, 5);
	pr_info("%d [%.20s]\n", n, buf);
	n = snprintf(buf, sizeof(buf), precise, 1 << 15, 5);
	pr_info("%d [%.20s]\n", n, buf);
	n = snprintf(buf, sizeof(buf), rust, buf);
	pr_info("%d [%s]\n", n, buf);
	buf[0] = 'X';
	n = snprintf(buf, huge, "size");
	pr_info("%d [%.1s]\n", n, buf);
	n = copy(buf, "text", huge);
	pr_info("%d [%.1s]\n", n, buf);
	n = snprintf(buf, sizeof(buf), unsupported, 4, 5, 6);
	pr_info("%d [%s]\n", n, buf);
	return 0;
}

static void __exit printk_warnings_exit(void)
{
}

module_init(printk_warnings_init);
module_exit(printk_warnings_exit);
MODULE_DESCRIPTION("What printf and the string functions warn about");
MODULE_LICENSE("GPL");
