// SPDX-License-Identifier: GPL-2.0
/* Checksums and hashes of data of many lengths; patterns; queues without locks; times rounded to seconds; BCD. */
#include <linux/module.h>
#include <linux/crc32.h>
#include <linux/xxhash.h>
#include <linux/siphash.h>
#include <linux/stringhash.h>
#include <linux/parser.h>
#include <linux/glob.h>
#include <linux/llist.h>
#include <linux/bcd.h>
#include <linux/rational.h>
#include <linux/reciprocal_div.h>
#include <linux/lcm.h>
#include <linux/jiffies.h>
#include <linux/timer.h>
#include <linux/time64.h>
#include <linux/scatterlist.h>
#include <linux/kfifo.h>
#include <linux/slab.h>

static u8 data[300] __aligned(8);
static const siphash_key_t key = { { 0x0706050403020100ULL, 0x0f0e0d0c0b0a0908ULL } };
static const hsiphash_key_t half = { { 3, 4 } };

static void hashes(void)
{
	static const int lengths[] = { 0, 1, 3, 4, 7, 8, 15, 16, 31, 32, 33, 63, 64, 100, 299 };
	int i, n;

	for (i = 0; i < ARRAY_SIZE(lengths); i++) {
		n = lengths[i];
		pr_info("%3d: crc %08x %08x %08x xxh %08x %016llx sip %016llx %08x name %08x\n", n, crc32_le(0, data, n),
			crc32_be(~0, data, n), __crc32c_le(~0, data, n), xxh32(data, n, 5), xxh64(data, n, 7),
			siphash(data, n, &key), hsiphash(data, n, &half), full_name_hash(NULL, data, n));
	}
	pr_info("shift %08x %08x combine %08x\n", crc32_le_shift(0x12345678, 100), __crc32c_le_shift(0x12345678, 33),
		crc32_le_combine(crc32_le(0, data, 50), crc32_le(0, data + 50, 60), 60));
	pr_info("whole %08x\n", crc32_le(0, data, 110));
	pr_info("sip %016llx %016llx %016llx\n", siphash_3u64(1, 2, 3, &key), siphash_4u64(1, 2, 3, 4, &key), siphash_3u32(1, 2, 3, &key));
	pr_info("sip %016llx hsip %08x %08x %08x %08x\n", siphash_1u32(1, &key), hsiphash_1u32(1, &half), hsiphash_2u32(1, 2, &half),
		hsiphash_3u32(1, 2, 3, &half), hsiphash_4u32(1, 2, 3, 4, &half));
	pr_info("hashlen %016llx\n", hashlen_string(NULL, "a file's name"));
}

static void patterns(void)
{
	static const char *const pairs[][2] = {
		{ "*", "" }, { "a*b", "ab" }, { "a*b", "axxbxb" }, { "a*b", "axxbx" }, { "?", "" }, { "[a-c]x", "bx" }, { "[!a-c]x", "bx" },
		{ "[]]", "]" }, { "[a", "[a" }, { "\\*", "*" }, { "*a*b*c*", "xxaybzc" }, { "a[]-b]c", "abc" }, { "**", "x" },
	};
	int i;

	for (i = 0; i < ARRAY_SIZE(pairs); i++)
		pr_info("'%s' '%s' glob %d wildcard %d\n", pairs[i][0], pairs[i][1], glob_match(pairs[i][0], pairs[i][1]),
			match_wildcard(pairs[i][0], pairs[i][1]));
}

static void numbers(void)
{
	static const char *const texts[] = { "12", "-5", "0x", "4294967296", "99999999999999999999", "010" };
	static const match_table_t table = { { 1, "%%%d/%2s-%u" }, { 2, "%o%s" }, { 3, "%s" }, { 4, NULL } };
	static const char *const options[] = { "%-7/abc-9", "%-7/ab-9", "%5/a-1", "778x", "", "x", "9" };
	substring_t s, args[MAX_OPT_ARGS];
	char buf[4];
	u32 u;
	u64 w;
	int i, r, v, q;

	for (i = 0; i < ARRAY_SIZE(texts); i++) {
		s.from = (char *)texts[i];
		s.to = s.from + strlen(texts[i]);
		v = u = w = 0;
		r = match_int(&s, &v);
		pr_info("%s: int %d %d", texts[i], r, v);
		r = match_octal(&s, &v);
		pr_cont(" octal %d %d", r, v);
		r = match_uint(&s, &u);
		q = match_u64(&s, &w);
		pr_cont(" uint %d %u u64 %d %llu copy %zu", r, u, q, w, match_strlcpy(buf, &s, sizeof(buf)));
		pr_cont(" %s\n", buf);
	}
	for (i = 0; i < ARRAY_SIZE(options); i++) {
		memset(args, 0, sizeof(args));
		r = match_token((char *)options[i], table, args);
		pr_info("'%s' %d first %ld\n", options[i], r, args[0].from ? (long)(args[0].to - args[0].from) : -1L);
	}
	for (i = 0; i < 100; i += 33)
		pr_info("bcd %#x %u\n", bin2bcd(i), bcd2bin(bin2bcd(i)));
	for (i = 1; i < 5000; i = i * 5 + 1) {
		struct reciprocal_value rv = reciprocal_value(i);
		unsigned long n, d;

		rational_best_approximation(i * 355, 113 + i, 1000, 31 + i, &n, &d);
		pr_info("recip %u rational %lu/%lu lcm %lu\n", reciprocal_divide(1234567890, rv), n, d, lcm_not_zero(i, 12));
	}
}

static void times(void)
{
	static const time64_t seconds[] = { 0, -86400 * 365LL, 951782400, 4107542400LL, -62135596800LL, 253402300800LL };
	struct timespec64 ts = { 3, 4000001 };
	struct tm tm;
	int i;

	for (i = 0; i < ARRAY_SIZE(seconds); i++) {
		time64_to_tm(seconds[i], -3600, &tm);
		pr_info("%lld: %ld-%d-%d %d:%d:%d %d %d\n", seconds[i], tm.tm_year, tm.tm_mon, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec,
			tm.tm_wday, tm.tm_yday);
	}
	pr_info("mktime %lld %lld %lld\n", mktime64(1970, 1, 1, 0, 0, 0), mktime64(2000, 2, 29, 24, 0, 0), mktime64(2100, 12, 31, 23, 59, 60));
	pr_info("ticks %lu\n", timespec64_to_jiffies(&ts));
	jiffies_to_timespec64(1001, &ts);
	pr_info("ts %lld %ld clock_t %lu %llu\n", (s64)ts.tv_sec, ts.tv_nsec, clock_t_to_jiffies(123), jiffies_64_to_clock_t(1001));
	pr_info("round %lu %lu %lu\n", __round_jiffies_up(1UL << 40, 0) % HZ, (__round_jiffies(1UL << 40, 1) + 3) % HZ,
		__round_jiffies_up(5, 0));
}

static void lists(void)
{
	struct llist_node n[4];
	LLIST_HEAD(head);
	struct scatterlist sg[2];
	STRUCT_KFIFO(u16, 8) fifo;
	u16 v[9] = { 1, 2, 3, 4, 5, 6, 7, 8, 9 };
	u8 *copy = kmemdup(data, sizeof(data), GFP_KERNEL);
	int i;

	if (!copy)
		return;
	for (i = 0; i < 4; i++)
		pr_info("was empty %d\n", llist_add(&n[i], &head));
	pr_info("first %d\n", llist_del_first(&head) == &n[3]);
	pr_info("reversed %d\n", llist_reverse_order(llist_del_all(&head)) == &n[0]);
	sg_init_table(sg, 2);
	sg_set_buf(&sg[0], copy, 100);
	sg_set_buf(&sg[1], copy + 200, 50);
	pr_info("for_len %d %d %d\n", sg_nents_for_len(sg, 100), sg_nents_for_len(sg, 101), sg_nents_for_len(sg, 151));
	pr_info("zero %zu\n", sg_zero_buffer(sg, 2, 30, 90));
	pr_info("%*ph %*ph\n", 4, copy + 88, 3, copy + 219);
	kfree(copy);
	INIT_KFIFO(fifo);
	pr_info("in %u\n", kfifo_in(&fifo, v, 5));
	pr_info("out %u\n", kfifo_out(&fifo, v, 3));
	pr_info("in %u %u\n", kfifo_in(&fifo, v, 9), kfifo_len(&fifo));
	pr_info("peek %u\n", kfifo_out_peek(&fifo, v, 9));
	for (i = 0; i < 8; i++)
		pr_cont(" %u", v[i]);
	pr_cont("\n");
}

static int __init checksums_init(void)
{
	int i;

	for (i = 0; i < sizeof(data); i++)
		data[i] = i * 7 + (i >> 3) + 1;
	hashes();
	patterns();
	numbers();
	times();
	lists();
	return 0;
}

static void __exit checksums_exit(void)
{
}

module_init(checksums_init);
module_exit(checksums_exit);
MODULE_LICENSE("GPL");
