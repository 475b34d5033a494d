// SPDX-License-Identifier: GPL-2.0
/* What each kind of section holds when init and exit run: .data, .bss, .rodata, .data..ro_after_init, .init.data. */
#include <linux/cache.h>
#include <linux/module.h>

static int data = 1;
static int bss;
static const int rodata[] = { 3, 4 };
static int after_init __ro_after_init = 5;
static int initdata __initdata = 6;
static const char initconst[] __initconst = "seven";
static int own __section(".data.own_section") = 8;

static int __init sections_init(void)
{
	printk(KERN_INFO "sections: %d %d %d %d %d %s %d\n", data++, bss++, rodata[1], after_init++, initdata, initconst,
	       own++);
	return 0;
}

static void __exit sections_exit(void)
{
	printk(KERN_INFO "sections: %d %d %d %d %d\n", data, bss, rodata[0], after_init, own);
}

module_init(sections_init);
module_exit(sections_exit);
MODULE_LICENSE("GPL");
