// SPDX-License-Identifier: GPL-2.0
/* One parameter of each type, for values that do not fit. */
#include <linux/module.h>
#include <linux/moduleparam.h>

static int i;
module_param(i, int, 0);
static unsigned int u;
module_param(u, uint, 0);
static long l;
module_param(l, long, 0);
static unsigned long ul;
module_param(ul, ulong, 0);
static unsigned long long ull;
module_param(ull, ullong, 0);
static short s;
module_param(s, short, 0);
static unsigned short us;
module_param(us, ushort, 0);
static unsigned char b;
module_param(b, byte, 0);
static unsigned int x;
module_param(x, hexint, 0);
static bool on;
module_param(on, bool, 0);
static bool off;
module_param(off, invbool, 0);
static bool once;
module_param(once, bool_enable_only, 0);
static char *text = "none";
module_param(text, charp, 0);
static char copy[8] = "none";
module_param_string(copy, copy, sizeof(copy), 0);
static int many[3];
static int nr_many;
module_param_array(many, int, &nr_many, 0);
static char *words[2];
static int nr_words;
module_param_array(words, charp, &nr_words, 0);
static int old;
module_param_unsafe(old, int, 0);

static int picky_set(const char *value, const struct kernel_param *kp)
{
	printk(KERN_INFO "params: picky is set to %s\n", value ?: "nothing");
	return -ERANGE;
}

static const struct kernel_param_ops picky_ops = { .set = picky_set };
module_param_cb(picky, &picky_ops, NULL, 0);

static int __init params_init(void)
{
	printk(KERN_INFO "params: i %d u %u l %ld ul %lu ull %llu s %d us %u b %u x %x\n", i, u, l, ul, ull, s, us, b, x);
	printk(KERN_INFO "params: on %d off %d once %d text [%s] copy [%s] old %d\n", on, off, once, text, copy, old);
	printk(KERN_INFO "params: %d of many: %d %d %d; %d words: [%s] [%s]\n", nr_many, many[0], many[1], many[2],
	       nr_words, words[0] ?: "", words[1] ?: "");
	return 0;
}

static void __exit params_exit(void)
{
}

module_init(params_init);
module_exit(params_exit);
MODULE_LICENSE("GPL");
