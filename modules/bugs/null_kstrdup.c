// SPDX-License-Identifier: GPL-2.0
/* The copy is split at its first colon without a check that there is a copy. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/module.h>
#include <linux/slab.h>
#include <linux/string.h>

static char *copy, *host, *port;

static int __init address_init(void)
{
	copy = kstrdup("localhost:631", GFP_KERNEL);
	host = copy;
	port = strchr(copy, ':');	/* finds: null-deref, when kstrdup fails */
	*port++ = '\0';
	pr_info("host %s, port %s\n", host, port);
	return 0;
}

static void __exit address_exit(void)
{
	kfree(copy);
	pr_info("exit\n");
}

module_init(address_init);
module_exit(address_exit);
MODULE_DESCRIPTION("kstrdup() whose result is not checked");
MODULE_LICENSE("GPL");
