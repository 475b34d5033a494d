// SPDX-License-Identifier: GPL-2.0
/*
 * What a gfp mask is made of: its value, its names (%pGg), and what it allows.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/gfp.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/module.h>

static const struct {
	const char *name;
	gfp_t gfp;
} masks[] = {
	{ "GFP_KERNEL", GFP_KERNEL },
	{ "GFP_KERNEL_ACCOUNT", GFP_KERNEL_ACCOUNT },
	{ "GFP_ATOMIC", GFP_ATOMIC },
	{ "GFP_NOWAIT", GFP_NOWAIT },
	{ "GFP_NOIO", GFP_NOIO },
	{ "GFP_NOFS", GFP_NOFS },
	{ "GFP_USER", GFP_USER },
	{ "GFP_HIGHUSER", GFP_HIGHUSER },
	{ "GFP_HIGHUSER_MOVABLE", GFP_HIGHUSER_MOVABLE },
	{ "GFP_DMA", GFP_DMA },
	{ "GFP_DMA32", GFP_DMA32 },
	{ "__GFP_ZERO", __GFP_ZERO },
	{ "__GFP_NOWARN", __GFP_NOWARN },
	{ "__GFP_NORETRY", __GFP_NORETRY },
	{ "__GFP_RETRY_MAYFAIL", __GFP_RETRY_MAYFAIL },
	{ "__GFP_NOFAIL", __GFP_NOFAIL },
	{ "__GFP_COMP", __GFP_COMP },
	{ "__GFP_HIGHMEM", __GFP_HIGHMEM },
	{ "__GFP_MOVABLE", __GFP_MOVABLE },
	{ "__GFP_RECLAIM", __GFP_RECLAIM },
	{ "__GFP_DIRECT_RECLAIM", __GFP_DIRECT_RECLAIM },
	{ "__GFP_KSWAPD_RECLAIM", __GFP_KSWAPD_RECLAIM },
	{ "__GFP_MEMALLOC", __GFP_MEMALLOC },
	{ "__GFP_ACCOUNT", __GFP_ACCOUNT },
	{ "GFP_KERNEL | __GFP_ZERO", GFP_KERNEL | __GFP_ZERO },
	{ "GFP_KERNEL | GFP_DMA", GFP_KERNEL | GFP_DMA },
};

static int __init gfp_flags_init(void)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(masks); i++)
		pr_info("%-24s %#08x = %pGg: may sleep %d, highest zone %d\n", masks[i].name,
			(__force unsigned int)masks[i].gfp, &masks[i].gfp, gfpflags_allow_blocking(masks[i].gfp),
			gfp_zone(masks[i].gfp));
	pr_info("zones: DMA %d, DMA32 %d, NORMAL %d, MOVABLE %d, of %d\n", ZONE_DMA, ZONE_DMA32, ZONE_NORMAL,
		ZONE_MOVABLE, MAX_NR_ZONES);
	pr_info("MAX_ORDER %d, PAGE_ALLOC_COSTLY_ORDER %d\n", MAX_ORDER, PAGE_ALLOC_COSTLY_ORDER);
	return 0;
}

static void __exit gfp_flags_exit(void)
{
	pr_info("exit\n");
}

module_init(gfp_flags_init);
module_exit(gfp_flags_exit);
MODULE_DESCRIPTION("Values and meaning of gfp masks");
MODULE_LICENSE("GPL");
