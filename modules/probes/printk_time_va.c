// SPDX-License-Identifier: GPL-2.0
/*
 * Probe: printk: %pV inside a variadic function, %pt of a time
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/module.h>
#include <linux/rtc.h>

static __printf(1, 2) void shout(const char *format, ...)
{
	struct va_format vaf;
	va_list args;

	va_start(args, format);
	vaf.fmt = format;
	vaf.va = &args;
	pr_info("<%pV> and again <%pV>\n", &vaf, &vaf);
	va_end(args);
}

static int __init printk_time_va_init(void)
{
	struct rtc_time tm = { .tm_sec = 5, .tm_min = 4, .tm_hour = 3, .tm_mday = 2, .tm_mon = 0, .tm_year = 126 };
	time64_t stamp = 1700000000;

	shout("one %d", 1);
	shout("two %s %x", "words", 0x22);
	shout("%p and %%", NULL);
	pr_info("[%ptR] [%ptRd] [%ptRt] [%ptRr] [%ptRdr] [%ptRtr]\n", &tm, &tm, &tm, &tm, &tm, &tm);
	pr_info("[%ptT] [%ptTd] [%ptTt] [%ptTs]\n", &stamp, &stamp, &stamp, &stamp);
	return 0;
}

static void __exit printk_time_va_exit(void)
{
	pr_info("exit\n");
}

module_init(printk_time_va_init);
module_exit(printk_time_va_exit);
MODULE_DESCRIPTION("printk");
MODULE_LICENSE("GPL");
