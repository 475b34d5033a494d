// SPDX-License-Identifier: GPL-2.0
/* strscpy() copies as much of the path as the field has room for. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/module.h>
#include <linux/string.h>

struct label {
	char text[8];
	u32 color;
};

static struct label label;
static char *path = "/sys/class/leds";
module_param(path, charp, 0444);

static int __init label_init(void)
{
	label.color = 0xff0000;
	strscpy(label.text, path, sizeof(label.text));
	pr_info("label %s, color %06x\n", label.text, label.color);
	return 0;
}

static void __exit label_exit(void)
{
	pr_info("exit\n");
}

module_init(label_init);
module_exit(label_exit);
MODULE_DESCRIPTION("A copy that FORTIFY_SOURCE stops");
MODULE_LICENSE("GPL");
