// SPDX-License-Identifier: GPL-2.0
/*
 * The kernel's own printf formats: numbers, strings, and the extensions behind %p.
 *
 * Only what prints the same in every boot is here; %p of a valid pointer prints
 * a number that is hashed with a secret, so that the log betrays no address.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/bitmap.h>
#include <linux/err.h>
#include <linux/gfp.h>
#include <linux/in6.h>
#include <linux/ioport.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/string.h>
#include <linux/time64.h>
#include <linux/uuid.h>

static void numbers(void)
{
	pr_info("[%d] [%5d] [%-5d] [%05d] [%+d] [% d]\n", 42, 42, 42, 42, 42, 42);
	pr_info("[%x] [%X] [%#x] [%08x] [%#010x] [%o] [%#o]\n", 0xbeef, 0xbeef, 0xbeef, 0xbeef, 0xbeef, 8, 8);
	pr_info("[%hhd] [%hd] [%hhu] [%hx]\n", (signed char)300, (short)70000, (unsigned char)300, (u16)0x12345);
	pr_info("[%ld] [%lu] [%lld] [%llu] [%zu] [%zd] [%td]\n", -1L, ~0UL, -1LL, ~0ULL, (size_t)7, (ssize_t)-7, (ptrdiff_t)-8);
	pr_info("[%*d] [%-*d] [%.3d] [%8.3d] [%.0d]\n", 6, 1, 6, 2, 3, 4, 0);
	pr_info("[%c] [%5c] [%-5c] [%%]\n", 'a', 'b', 'c');
}

static void strings(void)
{
	char *none = NULL;

	OPTIMIZER_HIDE_VAR(none);
	pr_info("[%s] [%10s] [%-10s] [%.2s] [%10.2s] [%.*s]\n", "text", "text", "text", "text", "text", 3, "text");
	pr_info("[%s] [%.3s] [%8s]\n", none, none, none);
	pr_info("[%*pE] [%*pEn] [%*pEp]\n", 7, "a\n\t\x01\\\"b", 7, "a\n\t\x01\\\"b", 7, "a\n\t\x01\\\"b");
}

static void pointers(void)
{
	void *none = NULL;

	pr_info("[%p] [%px] [%10p]\n", none, none, none);
	pr_info("[%p] [%px] [%pK]\n", ERR_PTR(-ENOMEM), ERR_PTR(-ENOMEM), none);
	pr_info("[%pe] [%pe] [%pe] [%10pe]\n", ERR_PTR(-ENOMEM), ERR_PTR(-EPROBE_DEFER), ERR_PTR(-4000), ERR_PTR(-EIO));
	pr_info("[%px] [%px]\n", (void *)0x1234, (void *)16);
	pr_info("[%ps] [%ps] [%pS]\n", numbers, pointers, none);
	pr_info("[%ps] [%ps]\n", __alloc_pages, kfree);
}

static void bytes_and_bits(void)
{
	static const u8 bytes[] = { 0x00, 0x1b, 0x2c, 0x3d, 0x4e, 0xff };
	DECLARE_BITMAP(bits, 70);

	bitmap_zero(bits, 70);
	bitmap_set(bits, 1, 4);
	bitmap_set(bits, 64, 6);
	pr_info("[%*ph] [%*phC] [%*phD] [%*phN]\n", 6, bytes, 6, bytes, 6, bytes, 6, bytes);
	pr_info("[%pM] [%pMR] [%pMF] [%pm] [%pmR]\n", bytes, bytes, bytes, bytes, bytes);
	pr_info("[%*pb] [%*pbl] [%*pbl]\n", 70, bits, 70, bits, 0, bits);
	pr_info("[%20ph]\n", "twenty bytes of text");
}

static void addresses(void)
{
	static const u8 v4[] = { 192, 168, 0, 1 };
	static const struct in6_addr v6 = { { { 0x20, 1, 0xd, 0xb8, [15] = 1 } } };
	static const guid_t guid = GUID_INIT(0x00112233, 0x4455, 0x6677, 0x88, 0x99, 0xaa, 0xbb, 0xcc, 0xdd, 0xee, 0xff);
	phys_addr_t phys = 0x12345000;
	dma_addr_t dma = 0xfffff000;

	pr_info("[%pI4] [%pi4] [%pI4h]\n", v4, v4, v4);
	pr_info("[%pI6] [%pi6] [%pI6c]\n", &v6, &v6, &v6);
	pr_info("[%pUb] [%pUB] [%pUl] [%pUL] [%pU]\n", &guid, &guid, &guid, &guid, &guid);
	pr_info("[%pa] [%pap] [%pad]\n", &phys, &phys, &dma);
}

static void structures(void)
{
	static const struct resource mem = DEFINE_RES_MEM_NAMED(0xfed00000, 0x400, "hpet");
	static const struct resource io = DEFINE_RES_IO(0x60, 1), irq = DEFINE_RES_IRQ(5);
	gfp_t gfp = GFP_ATOMIC | __GFP_ZERO;
	unsigned long vm_flags = VM_READ | VM_WRITE | VM_MAYREAD;
	time64_t time = 1700000000;

	pr_info("[%pr] [%pR] [%pr] [%pR]\n", &mem, &mem, &io, &irq);
	pr_info("[%pGg] [%pGv]\n", &gfp, &vm_flags);
	pr_info("[%ptT] [%ptTd] [%ptTt] [%ptTr]\n", &time, &time, &time, &time);
}

static __printf(2, 3) void nested(int number, const char *format, ...)
{
	struct va_format vaf = { .fmt = format };
	va_list args;

	va_start(args, format);
	vaf.va = &args;
	pr_info("%d: [%pV]\n", number, &vaf);
	va_end(args);
}

static void into_buffer(void)
{
	char buffer[8];
	int length;

	length = snprintf(buffer, sizeof(buffer), "%s", "much too long");
	pr_info("snprintf %d [%s]\n", length, buffer);
	length = scnprintf(buffer, sizeof(buffer), "%s", "much too long");
	pr_info("scnprintf %d [%s]\n", length, buffer);
	pr_info("snprintf without a buffer: %d\n", snprintf(NULL, 0, "%d", 12345));
}

static int __init printk_formats_init(void)
{
	numbers();
	strings();
	pointers();
	bytes_and_bits();
	addresses();
	structures();
	nested(1, "%s %d", "nested", 2);
	into_buffer();
	return 0;
}

static void __exit printk_formats_exit(void)
{
	pr_info("exit\n");
}

module_init(printk_formats_init);
module_exit(printk_formats_exit);
MODULE_DESCRIPTION("The kernel's printf formats");
MODULE_LICENSE("GPL");
