// SPDX-License-Identifier: GPL-2.0
/*
 * What a module can find out about itself: THIS_MODULE, its sections, its symbols.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/kallsyms.h>
#include <linux/module.h>

static int data = 1;
static int bss;
static const int rodata = 3;
static int after_init __ro_after_init = 4;

static void show(const char *what, const void *address)
{
	unsigned long where = (unsigned long)address;

	pr_info("%s: in the module's core %d, in its init part %d, %%ps %ps\n", what,
		within_module_core(where, THIS_MODULE), within_module_init(where, THIS_MODULE), address);
}

static noinline void plain_function(void)
{
	pr_info("called from %ps\n", __builtin_return_address(0));
}

static int __init module_self_init(void)
{
	pr_info("name \"%s\", KBUILD_MODNAME \"%s\", __func__ \"%s\"\n", THIS_MODULE->name, KBUILD_MODNAME, __func__);
	pr_info("state %d (coming is %d), refcount %d, live %d\n", THIS_MODULE->state, MODULE_STATE_COMING,
		module_refcount(THIS_MODULE), module_is_live(THIS_MODULE));
	show("a function", plain_function);
	show("init", module_self_init);
	show("data", &data);
	show("bss", &bss);
	show("rodata", &rodata);
	show("ro_after_init", &after_init);
	show("THIS_MODULE", THIS_MODULE);
	pr_info("init is our init function %d, exit is set %d, version \"%s\"\n", THIS_MODULE->init == module_self_init,
		THIS_MODULE->exit != NULL, THIS_MODULE->version);
	pr_info("core text within core %d, core aligned to a page %d, text first %d\n",
		THIS_MODULE->core_layout.text_size <= THIS_MODULE->core_layout.size,
		IS_ALIGNED((unsigned long)THIS_MODULE->core_layout.base, PAGE_SIZE),
		within_module_core((unsigned long)plain_function, THIS_MODULE) &&
		(unsigned long)plain_function - (unsigned long)THIS_MODULE->core_layout.base <
		THIS_MODULE->core_layout.text_size);
	plain_function();
	return 0;
}

static void __exit module_self_exit(void)
{
	pr_info("state %d (going is %d), refcount %d\n", THIS_MODULE->state, MODULE_STATE_GOING,
		module_refcount(THIS_MODULE));
	pr_info("the init part is gone: size %u, init is NULL %d\n", THIS_MODULE->init_layout.size,
		THIS_MODULE->init_layout.base == NULL);
}

module_init(module_self_init);
module_exit(module_self_exit);
MODULE_DESCRIPTION("A module looks at itself");
MODULE_VERSION("1.2.3");
MODULE_LICENSE("GPL");
