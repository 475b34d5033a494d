// SPDX-License-Identifier: GPL-2.0
/* Arithmetic: 64-bit division, roots, fractions, byte orders, numbers from strings; parameters of unusual types; jump tables. */
#include <linux/module.h>
#include <linux/math64.h>
#include <linux/gcd.h>
#include <linux/lcm.h>
#include <linux/rational.h>
#include <linux/reciprocal_div.h>
#include <linux/kernel.h>
#include <linux/slab.h>
#include <linux/overflow.h>
#include <linux/bcd.h>
#include <linux/bitrev.h>
#include <linux/swab.h>
#include <linux/unaligned/packed_struct.h>
#include <asm/unaligned.h>
#include <linux/sort.h>
#include <linux/bsearch.h>

static int vec[8] = { 5, -3, 99, 0, 7 };
static int vec_n = 5;
module_param_array(vec, int, &vec_n, 0444);
static char *words[4] = { "one", "two" };
static int words_n = 2;
module_param_array(words, charp, &words_n, 0444);
static char fixed[12] = "abc";
module_param_string(fixed, fixed, sizeof(fixed), 0444);
static bool flag, inv = true;
module_param(flag, bool, 0);
module_param(inv, invbool, 0);
static unsigned long long big = 1ULL << 63;
module_param(big, ullong, 0);
static unsigned char by = 200;
module_param(by, byte, 0);
static uint hexi = 0x10;
module_param(hexi, hexint, 0);

static int set_twice(const char *val, const struct kernel_param *kp)
{
	int v, r = kstrtoint(val, 0, &v);

	if (r)
		return r;
	*(int *)kp->arg = 2 * v;
	return 0;
}
static const struct kernel_param_ops twice_ops = { .set = set_twice, .get = param_get_int };
static int twice = 4;
module_param_cb(twice, &twice_ops, &twice, 0644);

static noinline const char *op_name(int n)
{
	switch (n) {
	case 0: return "nop";
	case 1: return "load";
	case 2: return "store";
	case 3: return "add";
	case 4: return "sub";
	case 5: return "mul";
	case 6: return "div";
	case 7: return "jump";
	case 8: return "call";
	case 9: return "ret";
	case 10: return "push";
	case 11: return "pop";
	case 200: return "halt";
	default: return "?";
	}
}

static noinline long run(const unsigned char *p, int n)
{
	long st[8] = { 0 };
	int sp = 0, i;

	for (i = 0; i < n; i++)
		switch (p[i]) {
		case 0: break;
		case 1: st[sp++] = p[++i]; break;
		case 2: sp--; st[sp - 1] += st[sp]; break;
		case 3: sp--; st[sp - 1] -= st[sp]; break;
		case 4: sp--; st[sp - 1] *= st[sp]; break;
		case 5: sp--; if (!st[sp]) return -EDOM; st[sp - 1] /= st[sp]; break;
		case 6: st[sp - 1] = -st[sp - 1]; break;
		case 7: st[sp] = st[sp - 1]; sp++; break;
		case 8: swap(st[sp - 1], st[sp - 2]); break;
		case 9: return st[sp - 1];
		default: return -ENOSYS;
		}
	return -ENODATA;
}

static int cmp(const void *a, const void *b)
{
	return *(int *)a - *(int *)b;
}

static int __init calc_init(void)
{
	static const unsigned char prog[] = { 1, 6, 1, 7, 4, 7, 2, 6, 1, 2, 5, 9 }, zero[] = { 1, 1, 1, 0, 5 };
	u32 rem;
	u64 r64;
	s64 q;
	int i, v;
	unsigned long ul, n, d;
	long l;
	u8 u;
	bool b;
	struct reciprocal_value rv;
	int *found, key = 7;
	size_t sz;
	u8 raw[] = { 1, 2, 3, 4, 5, 6, 7, 8, 9 };

	for (i = -1; i < 13; i++)
		pr_cont("%s ", op_name(i));
	pr_cont("%s\n", op_name(200));
	pr_info("run %ld %ld\n", run(prog, sizeof(prog)), run(zero, sizeof(zero)));
	pr_info("div_u64 %llu\n", div_u64_rem(10000000000000000001ULL, 7, &rem));
	pr_info("rem %u div64 %llu\n", rem, div64_u64_rem(~0ULL, 1000000007ULL * 1000, &r64));
	pr_info("rem %llu s %lld\n", r64, div_s64(-1000000000001LL, 1000));
	q = -7;
	pr_info("mul_u64_u64_div %llu shr %llu\n", mul_u64_u64_div_u64(1ULL << 62, 12345, 100000), mul_u64_u32_shr(123456789012ULL, 4000000000U, 32));
	pr_info("do_div %u\n", do_div(r64, 10));
	pr_info("closest %llu %d %d\n", DIV_ROUND_UP_ULL(1000001ULL, 1000), DIV_ROUND_CLOSEST(-7, 2), DIV_ROUND_UP(7, 2));
	pr_info("gcd %lu lcm %lu %lu sqrt %lu\n", gcd(84, 36), lcm(21, 6), lcm_not_zero(0, 6), int_sqrt(1000000));
	pr_info("sqrt64 %u\n", int_sqrt64(1ULL << 60));
	rational_best_approximation(31415, 10000, 100, 100, &n, &d);
	pr_info("rational %lu/%lu\n", n, d);
	rv = reciprocal_value(13);
	pr_info("recip %u\n", reciprocal_divide(1000000, rv));
	pr_info("bcd %u %u bitrev %02x %04x %08x\n", bcd2bin(0x42), bin2bcd(42), bitrev8(0x13), bitrev16(0x1234), bitrev32(0x12345678));
	pr_info("swab %04x %08x %016llx\n", swab16(0x1234), swab32(0x12345678), swab64(0x123456789abcdef0ULL));
	pr_info("unaligned %08x %016llx %04x\n", get_unaligned_le32(raw + 1), get_unaligned_be64(raw + 1), get_unaligned_be16(raw + 3));
	for (i = 0; i < 9; i++) {
		static const char *const t[] = { "12", "-12", "0x1F", "017", "256", " 5", "5 ", "+3\n", "99999999999999999999" };
		int r1 = kstrtoint(t[i], 0, &v), r2 = kstrtou8(t[i], 10, &u), r3 = kstrtoul(t[i], 16, &ul), r4 = kstrtol(t[i], 0, &l);

		pr_info("\"%s\": %d %d, %d, %d, %d\n", t[i], r1, r1 ? 0 : v, r2, r3, r4);
	}
	for (i = 0; i < 6; i++) {
		static const char *const t[] = { "y", "N", "on", "OFF", "1", "maybe" };
		int r = kstrtobool(t[i], &b);

		pr_info("%s %d %d\n", t[i], r, r ? -1 : b);
	}
	pr_info("simple %lu %ld\n", simple_strtoul("123abc", NULL, 0), simple_strtol("-0x20z", NULL, 0));
	pr_info("memparse %llx\n", memparse("16M", NULL));
	pr_info("overflow %d %d\n", check_mul_overflow((size_t)1 << 40, (size_t)1 << 30, &sz), check_add_overflow(5, 6, &v));
	pr_info("array_size %zx struct_size %zu\n", array_size(1UL << 40, 1UL << 40), array3_size(3, 4, 5));
	pr_info("kmalloc_array huge %p\n", kmalloc_array(1UL << 40, 1UL << 40, GFP_KERNEL));
	for (i = 0; i < vec_n; i++)
		pr_info("vec[%d] = %d\n", i, vec[i]);
	for (i = 0; i < words_n; i++)
		pr_info("words[%d] = %s\n", i, words[i]);
	sort(vec, vec_n, sizeof(int), cmp, NULL);
	found = bsearch(&key, vec, vec_n, sizeof(int), cmp);
	pr_info("sorted %d..%d found %ld\n", vec[0], vec[vec_n - 1], found ? (long)(found - vec) : -1L);
	pr_info("fixed %s flag %d inv %d big %llu by %u hexi %x twice %d\n", fixed, flag, inv, big, by, hexi, twice);
	pr_info("clamp %d min3 %d abs %d %lld\n", clamp(50, 0, 10), min3(3, 1, 2), abs(-4), abs(q));
	pr_info("upper %x lower %x\n", upper_32_bits(0x123456789abcdefULL), lower_32_bits(0x123456789abcdefULL));
	return 0;
}

static void __exit calc_exit(void)
{
	pr_info("twice at exit %d\n", twice);
}

module_init(calc_init);
module_exit(calc_exit);
MODULE_LICENSE("GPL");
