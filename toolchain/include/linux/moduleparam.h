/* Parameters of a module: an entry in __param and two lines in .modinfo for each. Linux: include/linux/moduleparam.h */
#pragma once
#include <abi/moduleparam.h> /* KERNEL_PARAM_* */
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/stringify.h>

#define __MODULE_INFO(tag, name, info) \
	static const char __UNIQUE_ID(name)[] __used __section(".modinfo") __aligned(1) = __stringify(tag) "=" info
#define MODULE_INFO(tag, info) __MODULE_INFO(tag, tag, info)
#define __MODULE_PARM_TYPE(name, type) MODULE_INFO(parmtype, #name ":" type)
#define MODULE_PARM_DESC(name, description) MODULE_INFO(parm, #name ":" description)

struct kernel_param;

struct kernel_param_ops {
	unsigned int flags;
	int (*set)(const char *value, const struct kernel_param *kp);
	int (*get)(char *buffer, const struct kernel_param *kp);
	void (*free)(void *arg);
};

struct kparam_string {
	unsigned int maxlen;
	char *string;
};

struct kparam_array {
	unsigned int max;
	unsigned int elemsize;
	unsigned int *num;
	const struct kernel_param_ops *ops;
	void *elem;
};

struct kernel_param {
	const char *name;
	struct module *mod;
	const struct kernel_param_ops *ops;
	const u16 perm;
	s8 level;
	u8 flags;
	union {
		void *arg;
		const struct kparam_string *str;
		const struct kparam_array *arr;
	};
};

#define abi_param(param, its_ops, its_arg, its_perm, its_flags) \
	static const char __param_str_##param[] = #param; \
	static struct kernel_param const __param_##param __used __section("__param") __aligned(8) = { \
		.name = __param_str_##param, .mod = THIS_MODULE, .ops = its_ops, \
		.perm = its_perm, .level = -1, .flags = its_flags, {its_arg}}

#define module_param_cb(name, ops, arg, perm) abi_param(name, ops, arg, perm, 0)
#define module_param_named(name, value, type, perm) \
	static inline param_check_##type##_t *__always_unused __check_##name(void) { return &(value); } \
	abi_param(name, &param_ops_##type, &value, perm, 0); \
	__MODULE_PARM_TYPE(name, #type)
#define module_param(name, type, perm) module_param_named(name, name, type, perm)
#define module_param_unsafe(name, type, perm) \
	abi_param(name, &param_ops_##type, &name, perm, KERNEL_PARAM_FL_UNSAFE); \
	__MODULE_PARM_TYPE(name, #type)
#define module_param_string(name, chars, bytes, perm) \
	static const struct kparam_string __param_string_##name = {bytes, chars}; \
	abi_param(name, &param_ops_string, (void *)&__param_string_##name, perm, 0); \
	__MODULE_PARM_TYPE(name, "string")
#define module_param_array_named(name, array, type, count, perm) \
	static const struct kparam_array __param_arr_##name = { \
		.max = ARRAY_SIZE(array), .num = count, .ops = &param_ops_##type, .elemsize = sizeof(array[0]), .elem = array}; \
	abi_param(name, &param_array_ops, (void *)&__param_arr_##name, perm, 0); \
	__MODULE_PARM_TYPE(name, "array of " #type)
#define module_param_array(name, type, count, perm) module_param_array_named(name, name, type, count, perm)

typedef unsigned char param_check_byte_t;
typedef short param_check_short_t;
typedef unsigned short param_check_ushort_t;
typedef int param_check_int_t;
typedef unsigned int param_check_uint_t, param_check_hexint_t;
typedef long param_check_long_t;
typedef unsigned long param_check_ulong_t;
typedef unsigned long long param_check_ullong_t;
typedef char *param_check_charp_t;
typedef bool param_check_bool_t, param_check_invbool_t, param_check_bool_enable_only_t;

extern const struct kernel_param_ops param_ops_byte, param_ops_short, param_ops_ushort, param_ops_int, param_ops_uint;
extern const struct kernel_param_ops param_ops_hexint, param_ops_long, param_ops_ulong, param_ops_ullong, param_ops_charp;
extern const struct kernel_param_ops param_ops_bool, param_ops_invbool, param_ops_bool_enable_only, param_ops_string, param_array_ops;
int param_set_int(const char *value, const struct kernel_param *kp);
int param_get_int(char *buffer, const struct kernel_param *kp);
int param_set_uint(const char *value, const struct kernel_param *kp);
int param_get_uint(char *buffer, const struct kernel_param *kp);
int param_set_bool(const char *value, const struct kernel_param *kp);
int param_get_bool(char *buffer, const struct kernel_param *kp);
int param_set_charp(const char *value, const struct kernel_param *kp);
int param_get_charp(char *buffer, const struct kernel_param *kp);
void param_free_charp(void *arg);
