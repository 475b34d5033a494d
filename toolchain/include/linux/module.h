/* Linux: include/linux/module.h */
#pragma once
#include <abi/module.h> /* MODULE_NAME_LEN MODULE_STATE_* */
#include <linux/cache.h>
#include <linux/errno.h>
#include <linux/export.h>
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/list.h>
#include <linux/moduleparam.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/stat.h>
#include <linux/string.h>

/* The members in the file's order, with what lies between them as padding: __this_module is initialised with them. */
struct module {
	char abi_before_name[ABI_OFFSETOF(module, name)];
	char name[MODULE_NAME_LEN];
	char abi_before_init[ABI_OFFSETOF(module, init) - ABI_OFFSETOF(module, name) - MODULE_NAME_LEN];
	int (*init)(void);
	char abi_before_exit[ABI_OFFSETOF(module, exit) - ABI_OFFSETOF(module, init) - sizeof(void *)];
	void (*exit)(void);
	char abi_rest[ABI_SIZEOF(module) - ABI_OFFSETOF(module, exit) - sizeof(void *)];
} ____cacheline_aligned;

/*
 * init_module is a second name of the function, made by the assembler: a compiler that knew of it might drop the first
 * one, which traces print. The pointer keeps the function itself.
 */
#define abi_second_name(name, function) \
	static const void *const __UNIQUE_ID(addressable) __used __section(".init.rodata") = (const void *)function; \
	__asm__(".globl " #name "\n.type " #name ", @function\n.set " #name ", " #function)
#define module_init(function) \
	static inline initcall_t __maybe_unused __inittest(void) { return function; } \
	abi_second_name(init_module, function);
#define module_exit(function) \
	static inline exitcall_t __maybe_unused __exittest(void) { return function; } \
	abi_second_name(cleanup_module, function);
int init_module(void);
void cleanup_module(void);

#define MODULE_LICENSE(text) MODULE_INFO(license, text)
#define MODULE_AUTHOR(text) MODULE_INFO(author, text)
#define MODULE_DESCRIPTION(text) MODULE_INFO(description, text)
#define MODULE_VERSION(text) MODULE_INFO(version, text)
#define MODULE_ALIAS(text) MODULE_INFO(alias, text)
#define MODULE_SOFTDEP(text) MODULE_INFO(softdep, text)
#define MODULE_FIRMWARE(text) MODULE_INFO(firmware, text)
#define MODULE_IMPORT_NS(space) MODULE_INFO(import_ns, __stringify(space))
#define MODULE_DEVICE_TABLE(type, name)

bool try_module_get(struct module *module);
void __module_get(struct module *module);
void module_put(struct module *module);
int module_refcount(struct module *module);

static inline const char *module_name(struct module *module)
{
	return module ? module->name : "kernel";
}
