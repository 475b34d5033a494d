// SPDX-License-Identifier: GPL-2.0
/* The path is longer than the field of the structure that strcpy() copies it to. */
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
	strcpy(label.text, path);	/* finds: out-of-bounds */
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
