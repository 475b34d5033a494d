// SPDX-License-Identifier: GPL-2.0
/* Strings built and taken apart: scnprintf() chains, mount options, words, patterns, escapes; hashes of strings. */
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/string_helpers.h>
#include <linux/parser.h>
#include <linux/ctype.h>
#include <linux/glob.h>
#include <linux/uuid.h>
#include <linux/xxhash.h>
#include <linux/siphash.h>
#include <linux/uuid.h>

enum { opt_size, opt_name, opt_hex, opt_flag, opt_err };
static const match_table_t tokens = {
	{ opt_size, "size=%u" }, { opt_name, "name=%s" }, { opt_hex, "hex=%x" }, { opt_flag, "flag" }, { opt_err, NULL },
};

static int __init text_init(void)
{
	char buf[64], *p, *opts, *o, **argv, *dup;
	substring_t args[MAX_OPT_ARGS];
	int len = 0, i, argc, v, nums[6];
	static const char *const colors[] = { "red", "green", "blue", NULL };
	const siphash_key_t key = { { 1, 2 } };
	u8 bin[8];
	guid_t g;

	for (i = 0; i < 12; i++)
		len += scnprintf(buf + len, sizeof(buf) - len, "%d,", i * i * i);
	pr_info("%d '%s'\n", len, buf);
	pr_info("snprintf %d\n", snprintf(buf, 8, "%s", "longer than eight"));
	pr_info("strscpy %zd\n", strscpy(buf, "also too long", 6));
	pr_info("buf %s\n", buf);
	opts = kstrdup("size=42,name=disk,hex=ff,bogus,flag,size=x", GFP_KERNEL);
	for (o = opts; (p = strsep(&o, ",")) != NULL;) {
		int t = match_token(p, tokens, args);

		switch (t) {
		case opt_size:
			if (match_int(&args[0], &v))
				v = -1;
			pr_info("size %d\n", v);
			break;
		case opt_hex:
			i = match_hex(&args[0], &v);
			pr_info("hex %d %x\n", i, v);
			break;
		case opt_name:
			dup = match_strdup(&args[0]);
			pr_info("name %s\n", dup);
			kfree(dup);
			break;
		case opt_flag:
			pr_info("flag\n");
			break;
		default:
			pr_info("unknown '%s'\n", p);
		}
	}
	kfree(opts);
	argv = argv_split(GFP_KERNEL, "  the quick   brown\tfox ", &argc);
	if (!argv)
		return -ENOMEM;
	for (i = 0; i < argc; i++)
		pr_cont("[%s]", argv[i]);
	pr_cont(" %d\n", argc);
	argv_free(argv);
	get_options("3,5-8,9", ARRAY_SIZE(nums), nums);
	pr_info("options %d: %d %d %d %d %d\n", nums[0], nums[1], nums[2], nums[3], nums[4], nums[5]);
	pr_info("glob %d %d %d\n", glob_match("*.k[o-z]", "a.ko"), glob_match("a?c", "abcd"), glob_match("[!a]*", "bcd"));
	pr_info("match_string %d %d sysfs %d\n", match_string(colors, -1, "blue"), match_string(colors, -1, "pink"), sysfs_match_string(colors, "green\n"));
	dup = kstrndup("abcdef", 3, GFP_KERNEL);
	p = kmemdup("mem\0dup", 8, GFP_KERNEL);
	o = kmemdup_nul("abcdef", 4, GFP_KERNEL);
	pr_info("%s %s %s %s\n", dup, p, p + 4, o);
	kfree(dup); kfree(p); kfree(o);
	strcpy(buf, "  trim me\n ");
	pr_info("'%s' '%s'\n", strim(buf), skip_spaces("   x"));
	i = hex2bin(bin, "00ff1234DEADbeef", 8);
	pr_info("hex2bin %d %*ph\n", i, 8, bin);
	*bin2hex(buf, bin, 8) = 0;
	pr_info("%s %d\n", buf, hex_to_bin('g'));
	pr_info("xxh32 %08x xxh64 %016llx\n", xxh32("123456789", 9, 1), xxh64("The quick brown fox jumps over the lazy dog", 43, 2));
	pr_info("siphash %016llx %016llx hsip %016llx\n", siphash("123456789", 9, &key), siphash_1u64(5, &key), siphash_2u64(5, 6, &key));
	i = guid_parse("01234567-89ab-cdef-0123-456789abcdef", &g);
	pr_info("guid %d %pUl\n", i, &g);
	pr_info("memchr_inv %ld strnchr %ld strcspn %zu strspn %zu\n", (char *)memchr_inv("aaaab", 'a', 5) ? 4L : -1L, strnchr("hello", 5, 'l') ? 2L : -1L, strcspn("hello", "lo"), strspn("hello", "eh"));
	pr_info("%s %s\n", strstr("needle in haystack", "in"), strrchr("a/b/c", '/'));
	string_get_size(1234567, 512, STRING_UNITS_2, buf, sizeof(buf));
	pr_info("size %s\n", buf);
	string_get_size(1234567, 512, STRING_UNITS_10, buf, sizeof(buf));
	pr_info("size %s\n", buf);
	v = string_escape_str("tab\tnl\n\x01", buf, sizeof(buf), ESCAPE_ANY, NULL);
	pr_info("esc %d %.*s\n", v, v, buf);
	v = string_unescape_any("a\\tb\\x41\\101", buf, sizeof(buf));
	pr_info("unesc %d %*ph\n", v, v, buf);
	string_upper(buf, "MiXed");
	pr_info("%s %s\n", buf, str_yes_no(1));
	pr_info("casecmp %d %d strcasecmp %d\n", strncasecmp("ABC", "abd", 2), strncasecmp("ABC", "abd", 3), strcasecmp("x", "X"));
	pr_info("endings %d %d\n", str_has_prefix("prefix", "pre") ? 1 : 0, 3);
	return 0;
}

static void __exit text_exit(void)
{
	pr_info("bye\n");
}

module_init(text_init);
module_exit(text_exit);
MODULE_LICENSE("GPL");
