/* Linux: include/linux/module.h */
#pragma once
#include <abi/module.h> /* MODULE_NAME_LEN */
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

enum module_state {
	MODULE_STATE_LIVE,
	MODULE_STATE_COMING,
	MODULE_STATE_GOING,
	MODULE_STATE_UNFORMED,
};

ABI_STRUCT(module_layout,
	ABI_MEMBER(module_layout, base, void *base)
	ABI_MEMBER(module_layout, size, unsigned int size)
	ABI_MEMBER(module_layout, text_size, unsigned int text_size)
	ABI_MEMBER(module_layout, ro_size, unsigned int ro_size)
);

/* The members in the file's order, with what lies between them as padding: __this_module is initialised with them. */
struct module {
	enum module_state state;
	char abi_before_name[ABI_OFFSETOF(module, name) - sizeof(int)];
	char name[MODULE_NAME_LEN];
	char abi_before_version[ABI_OFFSETOF(module, version) - ABI_OFFSETOF(module, name) - MODULE_NAME_LEN];
	const char *version;
	char abi_before_init[ABI_OFFSETOF(module, init) - ABI_OFFSETOF(module, version) - sizeof(void *)];
	int (*init)(void);
	struct module_layout core_layout;
	struct module_layout init_layout;
	char abi_before_exit[ABI_OFFSETOF(module, exit) - ABI_OFFSETOF(module, init) - sizeof(void *) - 2 * ABI_SIZEOF(module_layout)];
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

static inline bool module_is_live(struct module *module)
{
	return module->state != MODULE_STATE_GOING;
}

static inline bool within_module_core(unsigned long address, const struct module *module)
{
	return address - (unsigned long)module->core_layout.base < module->core_layout.size;
}

static inline bool within_module_init(unsigned long address, const struct module *module)
{
	return address - (unsigned long)module->init_layout.base < module->init_layout.size;
}
#define within_module(address, module) \
	(within_module_init(address, module) || within_module_core(address, module))

static inline const char *module_name(struct module *module)
{
	return module ? module->name : "kernel";
}
