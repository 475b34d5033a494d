// SPDX-License-Identifier: GPL-2.0
/*
 * Probe: what the snprintf family returns
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/slab.h>

#pragma GCC diagnostic ignored "-Wformat-truncation"
#pragma GCC diagnostic ignored "-Wformat-zero-length"

static int __init snprintf_results_init(void)
{
	char buf[16];
	char *made;

	memset(buf, '#', sizeof(buf));
	pr_info("%d %s\n", snprintf(buf, sizeof(buf), "%s", "fits"), buf);
	pr_info("%d %s\n", snprintf(buf, 5, "%s", "too long for it"), buf);
	pr_info("%d %s\n", scnprintf(buf, 5, "%s", "too long for it"), buf);
	pr_info("%d %d %d\n", snprintf(NULL, 0, "%d", 12345), snprintf(buf, 0, "abc"), scnprintf(buf, 0, "abc"));
	pr_info("%d %s\n", snprintf(buf, 1, "abc"), buf);
	pr_info("%d %d\n", scnprintf(buf, 1, "abc"), sprintf(buf, "%05d", 42));
	made = kasprintf(GFP_KERNEL, "%s-%d-%c", "made", 7, 'x');
	pr_info("%s %zu\n", made, ksize(made));
	kfree(made);
	made = kasprintf(GFP_KERNEL, "%s", "");
	pr_info("'%s' %zu\n", made, ksize(made));
	kfree(made);
	pr_info("%d\n", snprintf(buf, sizeof(buf), "%1000d", 1));
	pr_info("'%s'\n", buf);
	return 0;
}

static void __exit snprintf_results_exit(void)
{
	pr_info("exit\n");
}

module_init(snprintf_results_init);
module_exit(snprintf_results_exit);
MODULE_DESCRIPTION("what the snprintf family returns");
MODULE_LICENSE("GPL");
