// SPDX-License-Identifier: GPL-2.0
/*
 * Probe: printk: the forms of %p for addresses of networks, UUIDs, bitmaps, flags
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/gfp.h>
#include <linux/module.h>

#pragma GCC diagnostic ignored "-Wformat"

static int __init printk_extensions_init(void)
{
	static const u8 mac[6] = { 0x00, 0x1b, 0x21, 0xaa, 0xbb, 0xcc };
	static const u8 v4[4] = { 192, 168, 1, 20 };
	static const u8 v6[16] = { 0x20, 0x01, 0x0d, 0xb8, [15] = 1 };
	static const u8 id[16] = { 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15 };
	unsigned long bits[2] = { 0xf00f, 0x1 };
	unsigned long page_flags = 0;
	gfp_t gfp = GFP_KERNEL | __GFP_ZERO, none = 0;
	u32 fourcc = 0x34325241;

	pr_info("[%pM] [%pm] [%pMR] [%pMF]\n", mac, mac, mac, mac);
	pr_info("[%pI4] [%pi4] [%pI4h] [%pI4n] [%pI4b] [%pI4l]\n", v4, v4, v4, v4, v4, v4);
	pr_info("[%pI6] [%pi6] [%pI6c]\n", v6, v6, v6);
	pr_info("[%pUb] [%pUB] [%pUl] [%pUL] [%pU]\n", id, id, id, id, id);
	pr_info("[%*ph] [%*phC] [%*phD] [%*phN] [%4ph] [%ph]\n", 5, id, 5, id, 5, id, 5, id, id, id);
	pr_info("[%*pb] [%*pbl] [%*pb] [%*pbl] [%0*pb]\n", 16, bits, 16, bits, 65, bits, 65, bits, 3, bits);
	pr_info("[%*pE] [%*pEp] [%*pEh] [%*pEn]\n", 4, "a\n\001b", 4, "a\n\001b", 4, "a\n\001b", 4, "a\n\001b");
	pr_info("[%pGg] [%pGg] [%pGp]\n", &gfp, &none, &page_flags);
	pr_info("[%p4cc]\n", &fourcc);
	return 0;
}

static void __exit printk_extensions_exit(void)
{
	pr_info("exit\n");
}

module_init(printk_extensions_init);
module_exit(printk_extensions_exit);
MODULE_DESCRIPTION("printk");
MODULE_LICENSE("GPL");
