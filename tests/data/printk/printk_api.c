// SPDX-License-Identifier: GPL-2.0
/* The functions around printk(): devices, rate limits, dumps, formats within formats. */
#include <linux/blkdev.h>
#include <linux/ctype.h>
#include <linux/device.h>
#include <linux/fs.h>
#include <linux/jiffies.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/platform_device.h>
#include <linux/ratelimit.h>
#include <linux/slab.h>
#include <linux/string.h>

static struct device_driver driver = { .name = "some_driver" };
static struct bus_type bus = { .name = "some_bus" };
static struct device dev = { .init_name = "dev0", .driver = &driver, .bus = &bus };
static struct class class = { .name = "some_class" };
static const char data[40] = "0123456789abcdefghij\n\001\377 ABCDEFGHIJKLMNOP";
static struct dentry root, dir, entry;
static struct file file;
static struct gendisk disk = { .disk_name = "nvme0n1" };
static struct block_device part = { .bd_disk = &disk, .bd_partno = 2 };
static DEFINE_RATELIMIT_STATE(limit, 5 * HZ, 3);

static void devices(void)
{
	struct device *none = NULL;

	dev_info(&dev, "with a driver\n");
	dev_err(&dev, "value %d\n", 5);
	dev_warn(&dev, "no newline");
	pr_cont(", not continued\n");
	dev_printk(KERN_NOTICE, &dev, "by level\n");
	dev.driver = NULL;
	dev_info(&dev, "without a driver\n");
	dev.bus = NULL;
	dev_info(&dev, "without a bus\n");
	dev.class = &class;
	dev_info(&dev, "with a class\n");
	dev.init_name = NULL;
	dev_info(&dev, "without a name\n");
	dev.kobj.name = "renamed7";
	dev_crit(&dev, "with another name\n");
	dev_emerg(&dev, "emergency\n");
	dev_alert(&dev, "alert\n");
	dev_notice(&dev, "two\nlines\n");
	dev_info(none, "no device\n");
	dev_err(none, "no device, open");
	pr_cont(", continued\n");
	dev_dbg(&dev, "not switched on\n");
	pr_debug("not switched on\n");
	dev_printk_emit(5, &dev, "emitted %s\n", "text");
	pr_info("%d\n", dev_err_probe(&dev, -EINVAL, "probe of %s\n", "it"));
	pr_info("%d\n", dev_err_probe(&dev, -ENOMEM, "no memory\n"));
	pr_info("%d\n", dev_warn_probe(&dev, -4000, "odd\n"));
}

static void dumps(void)
{
	print_hex_dump(KERN_INFO, "none: ", DUMP_PREFIX_NONE, 16, 1, data, sizeof(data), true);
	print_hex_dump(KERN_ERR, "offset: ", DUMP_PREFIX_OFFSET, 32, 4, data, sizeof(data), true);
	print_hex_dump(KERN_DEBUG, "", DUMP_PREFIX_OFFSET, 16, 8, data, 24, false);
	print_hex_dump_bytes("bytes: ", DUMP_PREFIX_OFFSET, data, 17);
	print_hex_dump(KERN_INFO, "empty: ", DUMP_PREFIX_NONE, 16, 1, data, 0, true);
	print_hex_dump(KERN_INFO, "odd: ", DUMP_PREFIX_NONE, 9, 3, data, 10, true);
}

static void names(void)
{
	root.d_name.name = "/";
	root.d_parent = &root;
	dir.d_name.name = "dir";
	dir.d_parent = &root;
	entry.d_name.name = "entry";
	entry.d_parent = &dir;
	file.f_path.dentry = &entry;
	pr_info("%pd %pd2 %pd3 %pd4|%8pd|%-8pd|%.2pd2|\n", &entry, &entry, &entry, &entry, &entry, &entry, &entry);
	pr_info("%pd %pd2 %pd|\n", &root, &root, &dir);
	pr_info("%pD %pD2\n", &file, &file);
	pr_info("%pg\n", &part);
	pr_info("%12pg|\n", &part);
	part.bd_partno = 0;
	pr_info("%pg\n", &part);
}

static noinline void nested(const char *fmt, ...)
{
	struct va_format inner;
	va_list args;

	va_start(args, fmt);
	inner.fmt = fmt;
	inner.va = &args;
	pr_info("[%pV] [%pV]\n", &inner, &inner);
	vprintk(fmt, args);
	va_end(args);
}

static noinline void allocated(const char *fmt, ...)
{
	va_list args;
	char *text;

	va_start(args, fmt);
	text = kvasprintf(GFP_KERNEL, fmt, args);
	va_end(args);
	pr_info("%s\n", text);
	kfree(text);
	text = kasprintf(GFP_KERNEL, "%s-%d", "name", 3);
	pr_info("%s\n", text);
	kfree(text);
}

static void limits(void)
{
	unsigned long last = 0;
	int i;

	for (i = 0; i < 6; i++)
		pr_info("ratelimit %d: %d\n", i, __ratelimit(&limit));
	pr_info("printed %d missed %d\n", limit.printed, limit.missed);
	limit.begin -= 6 * HZ;
	pr_info("later: %d\n", __ratelimit(&limit));
	limit.flags = RATELIMIT_MSG_ON_RELEASE;
	limit.missed = 5;
	limit.begin -= 6 * HZ;
	pr_info("on release: %d missed %d\n", __ratelimit(&limit), limit.missed);
	limit.burst = 0;
	pr_info("no burst: %d\n", __ratelimit(&limit));
	limit.interval = 0;
	pr_info("no interval: %d\n", __ratelimit(&limit));
	/* Others use this one, too: how many are left is not known. */
	for (i = 0; i < 3; i++)
		pr_info("printk_ratelimit %d: %d\n", i, printk_ratelimit());
	pr_info("timed: %d\n", printk_timed_ratelimit(&last, 10000));
	pr_info("timed: %d\n", printk_timed_ratelimit(&last, 10000));
	last -= 11 * HZ;
	pr_info("timed: %d\n", printk_timed_ratelimit(&last, 10000));
	for (i = 0; i < 12; i++)
		pr_info_ratelimited("limited %d\n", i);
	for (i = 0; i < 2; i++)
		pr_info_once("once\n");
}

static int __init printk_api_init(void)
{
	int first, second, third;

	devices();
	dumps();
	names();
	nested("%s %d %d %d %d %d %d\n", "text", 1, 2, 3, 4, 5, 6);
	allocated("%d %s", 5, "args");
	limits();
	first = printk("four");
	second = printk("\n");
	third = printk(KERN_ERR "text\n");
	pr_info("%d %d %d\n", first, second, third);
	pr_info("%d %d %d\n", console_printk[1], console_printk[2], console_printk[3]);
	pr_info("%d %d\n", isalpha('a'), isspace('x'));
	return 0;
}

static void __exit printk_api_exit(void)
{
}

module_init(printk_api_init);
module_exit(printk_api_exit);
MODULE_DESCRIPTION("The functions around printk()");
MODULE_LICENSE("GPL");
