/* Included behind the module's source: what modpost adds to a module. */
#pragma once
#include <linux/module.h>

MODULE_INFO(depends, "");
MODULE_INFO(name, KBUILD_MODNAME);
MODULE_INFO(vermagic, ABI_VERMAGIC);

#ifdef ABI_RETPOLINE
MODULE_INFO(retpoline, "Y");
#endif

/* An entry of __versions: the checksum that an import had when the module was built. */
struct modversion_info {
	unsigned long crc;
	char name[MODULE_NAME_LEN];
};

/* A module need not have both: a weak reference to what is not defined is NULL. */
static int abi_init(void) __attribute__((__weakref__("init_module")));
static void abi_exit(void) __attribute__((__weakref__("cleanup_module")));

struct module __this_module __used __section(".gnu.linkonce.this_module") = {
	.name = KBUILD_MODNAME,
	.init = abi_init,
	.exit = abi_exit,
};
