// SPDX-License-Identifier: GPL-2.0
/*
 * Formats and arguments, one case a line, as the test reads them as well:
 *     T(format, arguments...)        the text and the length that vsnprintf() returns
 *     S(size, format, arguments...)  the same, for a buffer of that size; what lies behind it must stay
 * An argument is a number, a character, a string, the name of an array below, P(address), E(errno).
 * DATA declares the arrays: bytes in hexadecimal.
 */
#include <linux/err.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/string.h>

#define P(address) ((void *)(address))
#define E(number) ERR_PTR(-(number))
#define DATA(name, ...) static const u8 name[] __aligned(8) = { __VA_ARGS__ }

DATA(mac, 0x00, 0x1b, 0x2c, 0x3d, 0x4e, 0xff);
DATA(ip, 0x7f, 0x00, 0x0a, 0x01);
DATA(ip_max, 0xff, 0xff, 0xff, 0xff);
DATA(ip6, 0x20, 0x01, 0x0d, 0xb8, 0x00, 0x00, 0x00, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00, 0x00, 0x00, 0x09);
DATA(ip6_zero, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
DATA(ip6_one, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x01);
DATA(ip6_full, 0xfe, 0x80, 0x12, 0x34, 0x0a, 0xbc, 0x00, 0x0d, 0x00, 0x01, 0xff, 0xff, 0x10, 0x00, 0x01, 0x00);
DATA(ip6_mapped, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0xc0, 0xa8, 0x01, 0x02);
DATA(ip6_isatap, 0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0x5e, 0xfe, 0x0a, 0x00, 0x00, 0x01);
DATA(ip6_single, 0, 0x01, 0, 0, 0, 0x02, 0, 0x03, 0, 0x04, 0, 0x05, 0, 0x06, 0, 0x07);
DATA(sa4, 0x02, 0x00, 0x1f, 0x90, 0xc0, 0xa8, 0x00, 0x07, 0, 0, 0, 0, 0, 0, 0, 0);
DATA(sa6, 0x0a, 0x00, 0x01, 0xbb, 0x00, 0x01, 0x02, 0x03, 0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x42, 0x07, 0, 0, 0);
DATA(sa_bad, 0x63, 0x00, 0, 0, 0, 0, 0, 0);
DATA(uuid, 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08, 0x09, 0xa0, 0xb0, 0xc0, 0xd0, 0xe0, 0xf0, 0xff);
DATA(bytes, 0x00, 0x01, 0x7f, 0x80, 0xff, 0x41, 0x5c, 0x22, 0x0a, 0x1b, 0xe9, 0x20, 0x09, 0x07, 0x0b, 0x0c);
DATA(bits, 0x0f, 0x00, 0xf1, 0x80, 0x01, 0x00, 0x00, 0x00, 0xff, 0xff, 0x00, 0x00, 0x00, 0x00, 0x00, 0x80);
DATA(no_bits, 0, 0, 0, 0, 0, 0, 0, 0);
DATA(quad, 0xef, 0xcd, 0xab, 0x89, 0x67, 0x45, 0x23, 0x01);
DATA(fourcc, 0x42, 0x47, 0x52, 0x33);
DATA(fourcc_be, 0x42, 0x07, 0x20, 0xb3);
/* sec min hour mday mon year wday yday isdst */
DATA(rtc, 0x05, 0, 0, 0, 0x0f, 0, 0, 0, 0x17, 0, 0, 0, 0x1f, 0, 0, 0, 0x0b, 0, 0, 0, 0x7c, 0, 0, 0, 0x02, 0, 0, 0, 0x6d, 0x01, 0, 0, 0, 0, 0, 0);
DATA(time_2024, 0x00, 0x36, 0x92, 0x65, 0, 0, 0, 0);
DATA(time_leap, 0x7f, 0x1b, 0xe1, 0x65, 0, 0, 0, 0);
DATA(time_before, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff);
DATA(time_far, 0x00, 0x00, 0x00, 0x00, 0x40, 0, 0, 0);
DATA(gfp_kernel, 0xc0, 0x0c, 0, 0, 0, 0, 0, 0);
DATA(gfp_zero, 0xc0, 0x0d, 0, 0, 0, 0, 0, 0);
DATA(gfp_atomic, 0x20, 0x0a, 0, 0, 0, 0, 0, 0);
DATA(gfp_odd, 0x00, 0x20, 0x00, 0x10, 0, 0, 0, 0);
DATA(gfp_none, 0, 0, 0, 0, 0, 0, 0, 0);
DATA(vma, 0x73, 0x00, 0x10, 0x08, 0, 0, 0, 0);
DATA(vma_high, 0x01, 0x00, 0x00, 0x00, 0x20, 0, 0, 0x80);
/* lru|uptodate|referenced, zone 2, node 0, lastcpupid all ones */
DATA(page_flags, 0x16, 0, 0, 0xc0, 0xff, 0xff, 0x17, 0x00);
DATA(page_zero, 0, 0, 0, 0, 0, 0, 0, 0);
DATA(page_node, 0, 0x02, 0x01, 0x00, 0, 0, 0xc8, 0x00);
/* struct resource: start, end, name, flags */
DATA(res_mem, 0, 0x10, 0, 0, 0, 0, 0, 0, 0xff, 0x1f, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x00, 0x22, 0x10, 0, 0, 0, 0, 0);
DATA(res_io, 0x60, 0, 0, 0, 0, 0, 0, 0, 0x60, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x00, 0x01, 0x00, 0x10, 0, 0, 0, 0);
DATA(res_irq, 0x05, 0, 0, 0, 0, 0, 0, 0, 0x0c, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x00, 0x04, 0x00, 0x00, 0, 0, 0, 0);
DATA(res_dma, 0x03, 0, 0, 0, 0, 0, 0, 0, 0x03, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x00, 0x08, 0x00, 0x00, 0, 0, 0, 0);
DATA(res_bus, 0x00, 0, 0, 0, 0, 0, 0, 0, 0xff, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x00, 0x10, 0x20, 0x00, 0, 0, 0, 0);
DATA(res_unset, 0x00, 0, 0, 0, 0, 0, 0, 0, 0xff, 0x0f, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x00, 0x02, 0x00, 0x20, 0, 0, 0, 0);
DATA(res_none, 0x00, 0, 0, 0, 0, 0, 0, 0, 0xff, 0x0f, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x01, 0x00, 0x00, 0x00, 0, 0, 0, 0);
DATA(fwnode, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);

static char buf[512];

static noinline void show(int line, size_t size, const char *fmt, ...)
{
	va_list args;
	int length, i;

	memset(buf, '~', sizeof(buf));
	va_start(args, fmt);
	length = vsnprintf(buf, size, fmt, args);
	va_end(args);
	for (i = 0; i < 256; i++)
		if ((buf[i] < ' ' && buf[i]) || (signed char)buf[i] < 0 || buf[i] == 0x7f)
			buf[i] = '?';
	printk(KERN_INFO "#%d %d [%s]%s\n", line, length, size ? buf : "", size && buf[size] != '~' ? " overrun" : "");
}

#define T(...) show(__LINE__, 256, __VA_ARGS__)
#define S(size, ...) show(__LINE__, size, __VA_ARGS__)

static void numbers(void)
{
	T("plain");
	T("");
	T("100%%");
	T("%5%|");
	T("%d", 0);
	T("%d", -1);
	T("%i", 2147483647);
	T("%d", -2147483648);
	T("%u", -1);
	T("%5d|", 42);
	T("%-5d|", 42);
	T("%05d|", 42);
	T("%05d|", -42);
	T("%-05d|", 42);
	T("%+d %+d", 42, -42);
	T("% d % d", 42, -42);
	T("%+ d", 42);
	T("%+05d|", 42);
	T("% 05d|", 42);
	T("%+u", 42);
	T("% x", 42);
	T("%.3d|", 5);
	T("%.3d|", -5);
	T("%8.3d|", 5);
	T("%08.3d|", 5);
	T("%-8.3d|", 5);
	T("%+8.3d|", 5);
	T("%.0d|", 0);
	T("%.d|", 7);
	T("%1d|", 12345);
	T("%x %X", 0xbeef, 0xbeef);
	T("%#x %#X", 0xbeef, 0xbeef);
	T("%#x %#o", 0, 0);
	T("%#o", 8);
	T("%o", 511);
	T("%08x|", 0xbeef);
	T("%8x|", 0xbeef);
	T("%-8x|", 0xbeef);
	T("%#010x|", 0xbeef);
	T("%#10x|", 0xbeef);
	T("%-#10x|", 0xbeef);
	T("%#.8x|", 0xbeef);
	T("%#12.8x|", 0xbeef);
	T("%#08o|", 8);
	T("%#-8o|", 8);
	T("%#d", 5);
	T("%0#6x|", 5);
	T("%x", -1);
	T("%lx", -1L);
	T("%ld %lu", -1L, -1L);
	T("%li", -9223372036854775807L);
	T("%lld %llu %llx", -1LL, -1LL, -1LL);
	T("%Ld %Lu", -1LL, 7LL);
	T("%hd %hu", 65535, 65535);
	T("%hhd %hhu %hhx", 255, 255, 511);
	T("%hhd", 128);
	T("%hi", 32768);
	T("%zu %zd %zx", 18446744073709551615UL, -1L, 4096UL);
	T("%td %tu %tx", -8L, -8L, 8L);
	T("%*d|", 6, 42);
	T("%*d|", -6, 42);
	T("%-*d|", 6, 42);
	T("%0*d|", 6, 42);
	T("%0*d|", -6, 42);
	T("%*d|", 0, 42);
	T("%.*d|", 4, 42);
	T("%.*d|", -4, 42);
	T("%*.*x|", 8, 4, 0xab);
	T("%d %d %d %d %d %d %d %d", 1, 2, 3, 4, 5, 6, 7, 8);
	T("%lx %x %lx %x %lx %x %lx %x", 1UL, 2, 3UL, 4, 5UL, 6, 7UL, 8);
	T("%020lu|", 18446744073709551615UL);
	T("%30d|", 1);
}

static void text(void)
{
	T("%c%c%c", 'a', 'b', 'c');
	T("%3c|%-3c|", 'x', 'y');
	T("%03c|", 'x');
	T("%c", 321);
	T("%.5c|", 'x');
	T("%*c|", 4, 'x');
	T("%*c|", -4, 'x');
	T("%s", "hello");
	T("%s", "");
	T("%10s|", "hello");
	T("%-10s|", "hello");
	T("%010s|", "hello");
	T("%.3s|", "hello");
	T("%10.3s|", "hello");
	T("%-10.3s|", "hello");
	T("%.0s|", "hello");
	T("%.s|", "hello");
	T("%.10s|", "hello");
	T("%3s|", "hello");
	T("%*s|", 8, "hello");
	T("%*s|", -8, "hello");
	T("%.*s|", 2, "hello");
	T("%.*s|", -2, "hello");
	T("%.*s|", 0, "hello");
	T("%*.*s|", 6, 2, "hello");
	T("%ls", "wide");
	T("%+s % s %#s", "a", "b", "c");
	T("%s", NULL);
	T("%10s|", NULL);
	T("%.3s|", NULL);
	T("%-10.3s|", NULL);
	T("%s", P(1));
	T("%s", P(4095));
	T("%s", E(22));
	T("%s", E(4095));
	T("%.4s|", E(1));
	T("%12s|", P(8));
	T("%s %s %s", "one", "two", "three");
	T("%s%s", "", "x");
	S(0, "hello");
	S(1, "hello");
	S(3, "hello");
	S(5, "hello");
	S(6, "hello");
	S(4, "%d", 123456);
	S(4, "%8d", 12);
	S(4, "%-8d", 12);
	S(4, "%8s", "abc");
	S(4, "%-8s", "abc");
	S(4, "%s", "abcdef");
	S(4, "ab%s", "cdef");
	S(2, "%c%c%c", 'a', 'b', 'c');
	S(5, "%pI4", ip);
	S(5, "%*ph", 6, mac);
	S(5, "%pE", bytes);
	S(9, "%16pE", bytes);
	S(9, "%pt", rtc);
}

static void addresses(void)
{
	T("%p", NULL);
	T("%p", E(12));
	T("%10p|", NULL);
	T("%-20p|", NULL);
	T("%20p|", E(1));
	T("%#p", NULL);
	T("%05p|", NULL);
	T("%.3p|", NULL);
	T("%px", P(0xffff888012345678));
	T("%px", P(0x1234));
	T("%px", NULL);
	T("%10px|", P(0x1234));
	T("%-10px|", P(0x1234));
	T("%#px", P(0x1234));
	T("%#12px|", P(0x1234));
	T("%.6px|", P(0x1234));
	T("%*px|", 8, P(0x1234));
	T("%pxyz|", P(0x1234));
	T("%px%d", P(0x1234), 5);
	T("%px-%d", P(0x1234), 5);
	T("%pK", NULL);
	T("%pe", E(12));
	T("%pe", E(11));
	T("%pe", E(95));
	T("%pe", E(35));
	T("%pe", E(512));
	T("%pe", E(517));
	T("%pe", E(524));
	T("%pe", E(531));
	T("%pe", E(41));
	T("%pe", E(58));
	T("%pe", E(82));
	T("%pe", E(132));
	T("%pe", E(133));
	T("%pe", E(134));
	T("%pe", E(4095));
	T("%10pe|", E(12));
	T("%-10pe|", E(12));
	T("%.3pe|", E(12));
	T("%8pe|", E(4000));
	T("%pe", NULL);
	T("%pS", P(0x1234));
	T("%ps", P(0x1234));
	T("%pB", P(0x1234));
	T("%pSR", P(0x1234));
	T("%pSb", P(0x1234));
	T("%pBb", P(0x1234));
	T("%pS", NULL);
	T("%20ps|", P(0x1234));
	T("%pf", P(0x1234));
	T("%pF", NULL);
	T("%pfw", NULL);
	T("%pfw", fwnode);
	T("%pfwP", fwnode);
	T("%pfwf", fwnode);
	T("%pOF", P(0x1234));
	T("%pO", P(0x1234));
	T("%pOFf", NULL);
	T("%pN", quad);
	T("%pNF", quad);
	T("%pNF", NULL);
	T("%pa", quad);
	T("%pap", quad);
	T("%pad", quad);
	T("%30pad|", quad);
	T("%pa", NULL);
	T("%pad", P(16));
	T("%pus", "user");
	T("%pks", "kernel");
	T("%pu", "user");
	T("%pk", "kernel");
	T("%12pks|", "kernel");
	T("%pC", NULL);
	T("%pCn", NULL);
	T("%pd", NULL);
	T("%pd4", P(5));
	T("%pD", NULL);
	T("%pg", NULL);
	T("%pV", NULL);
}

static void network(void)
{
	T("%pM %pm", mac, mac);
	T("%pMF %pMR", mac, mac);
	T("%pmR %pmF", mac, mac);
	T("%20pM|", mac);
	T("%-20pM|", mac);
	T("%.5pM|", mac);
	T("%pM", NULL);
	T("%pM", P(6));
	T("%pI4 %pi4", ip, ip);
	T("%pI4 %pi4", ip_max, ip_max);
	T("%pI4h %pI4n %pI4b %pI4l", ip, ip, ip, ip);
	T("%pi4h %pi4l", ip, ip);
	T("%20pI4|", ip);
	T("%-20pI4|", ip);
	T("%pI6 %pi6", ip6, ip6);
	T("%pI6c", ip6);
	T("%pi6c", ip6);
	T("%pI6c", ip6_zero);
	T("%pI6c", ip6_one);
	T("%pI6c", ip6_full);
	T("%pI6c", ip6_mapped);
	T("%pI6c", ip6_isatap);
	T("%pI6c", ip6_single);
	T("%pIS", sa4);
	T("%pISp", sa4);
	T("%piS", sa4);
	T("%pISph", sa4);
	T("%pISl", sa4);
	T("%pIS", sa6);
	T("%pISc", sa6);
	T("%pISpc", sa6);
	T("%pISpfsc", sa6);
	T("%pISf", sa6);
	T("%pISs", sa6);
	T("%piS", sa6);
	T("%pIS", sa_bad);
	T("%pI", ip);
	T("%pI5", ip);
	T("%pi", ip);
	T("%pI4", NULL);
	T("%pI6", P(4));
	T("%pIS", NULL);
	T("%50pI6c|", ip6);
}

static void buffers(void)
{
	T("%pU", uuid);
	T("%pUb %pUB", uuid, uuid);
	T("%pUl %pUL", uuid, uuid);
	T("%40pU|", uuid);
	T("%pU", NULL);
	T("%ph", bytes);
	T("%6ph", bytes);
	T("%*ph", 6, bytes);
	T("%*phC", 6, bytes);
	T("%*phD", 6, bytes);
	T("%*phN", 6, bytes);
	T("%*ph|", 0, bytes);
	T("%*ph|", -4, bytes);
	T("%-4ph|", bytes);
	T("%*ph", 4, NULL);
	T("%pE", bytes);
	T("%16pE", bytes);
	T("%16pEa", bytes);
	T("%16pEc", bytes);
	T("%16pEh", bytes);
	T("%16pEhp", bytes);
	T("%16pEn", bytes);
	T("%16pEo", bytes);
	T("%16pEp", bytes);
	T("%16pEs", bytes);
	T("%16pEsc", bytes);
	T("%16pEach", bytes);
	T("%*pE|", 0, bytes);
	T("%*pE", 5, "a\nb\tc");
	T("%4pE", NULL);
	T("%*pb", 64, bits);
	T("%*pb", 32, bits);
	T("%*pb", 20, bits);
	T("%*pb", 1, bits);
	T("%*pb", 128, bits);
	T("%*pb", 100, bits);
	T("%*pb|", 0, bits);
	T("%40pb", bits);
	T("%*pbl", 64, bits);
	T("%*pbl", 128, bits);
	T("%*pbl", 3, bits);
	T("%*pbl|", 64, no_bits);
	T("%*pbl|", 0, bits);
	T("%*pb", 32, NULL);
	T("%p4cc", fourcc);
	T("%p4cc", fourcc_be);
	T("%p4c", fourcc);
	T("%p4", fourcc);
	T("%p4cc", NULL);
	T("%50p4cc|", fourcc);
	T("%ptR", rtc);
	T("%ptRd", rtc);
	T("%ptRt", rtc);
	T("%ptRr", rtc);
	T("%ptRdr", rtc);
	T("%ptRtr", rtc);
	T("%ptRs", rtc);
	T("%ptRsr", rtc);
	T("%ptRrs", rtc);
	T("%ptT", time_2024);
	T("%ptTd %ptTt", time_leap, time_leap);
	T("%ptTs", time_leap);
	T("%ptT", time_before);
	T("%ptT", time_far);
	T("%ptTr", time_2024);
	T("%pt", rtc);
	T("%ptX", rtc);
	T("%ptR", NULL);
	T("%30ptR|", rtc);
}

static void structures(void)
{
	T("%pR", res_mem);
	T("%pr", res_mem);
	T("%pR %pr", res_io, res_io);
	T("%pR %pr", res_irq, res_irq);
	T("%pR %pr", res_dma, res_dma);
	T("%pR %pr", res_bus, res_bus);
	T("%pR %pr", res_unset, res_unset);
	T("%pR %pr", res_none, res_none);
	T("%50pR|", res_mem);
	T("%.10pR|", res_mem);
	T("%pR", NULL);
	T("%pGg", gfp_kernel);
	T("%pGg", gfp_zero);
	T("%pGg", gfp_atomic);
	T("%pGg", gfp_odd);
	T("%pGg|", gfp_none);
	T("%pGv", vma);
	T("%pGv", vma_high);
	T("%pGp", page_flags);
	T("%pGp", page_zero);
	T("%pGp", page_node);
	T("%pG", gfp_kernel);
	T("%pGx", gfp_kernel);
	T("%pGg", NULL);
}

static int __init printk_formats_init(void)
{
	numbers();
	text();
	addresses();
	network();
	buffers();
	structures();
	return 0;
}

static void __exit printk_formats_exit(void)
{
}

module_init(printk_formats_init);
module_exit(printk_formats_exit);
MODULE_DESCRIPTION("What the kernel makes of printk formats");
MODULE_LICENSE("GPL");
