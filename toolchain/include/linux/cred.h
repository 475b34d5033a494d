/* Linux: include/linux/cred.h */
#pragma once
#include <linux/sched.h>
#include <linux/uidgid.h>

ABI_STRUCT(cred,
	ABI_MEMBER(cred, uid, kuid_t uid)
	ABI_MEMBER(cred, gid, kgid_t gid)
	ABI_MEMBER(cred, suid, kuid_t suid)
	ABI_MEMBER(cred, sgid, kgid_t sgid)
	ABI_MEMBER(cred, euid, kuid_t euid)
	ABI_MEMBER(cred, egid, kgid_t egid)
);
#define current_cred() (current->cred)
#define current_uid() (current_cred()->uid)
#define current_gid() (current_cred()->gid)
#define current_euid() (current_cred()->euid)
#define current_egid() (current_cred()->egid)
