/* Linux: include/linux/uidgid.h */
#pragma once
#include <linux/types.h>

typedef unsigned int uid_t, gid_t;

typedef struct {
	uid_t val;
} kuid_t;

typedef struct {
	gid_t val;
} kgid_t;

struct user_namespace;
extern struct user_namespace init_user_ns;
uid_t from_kuid(struct user_namespace *space, kuid_t uid);
gid_t from_kgid(struct user_namespace *space, kgid_t gid);
#define KUIDT_INIT(value) (kuid_t){value}
#define KGIDT_INIT(value) (kgid_t){value}
#define GLOBAL_ROOT_UID KUIDT_INIT(0)
#define uid_eq(a, b) ((a).val == (b).val)
#define gid_eq(a, b) ((a).val == (b).val)
