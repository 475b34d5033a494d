// SPDX-License-Identifier: GPL-2.0
/* The number of packets is logged after the statistics that hold it were freed. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/module.h>
#include <linux/slab.h>

struct stats {
	u64 packets;
	u64 errors;
	u64 reserved[6];
};

static struct stats *stats;

static int __init stats_init(void)
{
	stats = kzalloc(sizeof(*stats), GFP_KERNEL);
	if (!stats)
		return -ENOMEM;
	stats->packets = 12;
	return 0;
}

static void __exit stats_exit(void)
{
	kfree(stats);
	pr_info("exit after %llu packets\n", stats->packets);	/* finds: use-after-free, checked */
}

module_init(stats_init);
module_exit(stats_exit);
MODULE_DESCRIPTION("A count that is read from a freed object");
MODULE_LICENSE("GPL");
