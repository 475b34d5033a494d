// SPDX-License-Identifier: GPL-2.0
/* A driver in small: a table of operations, error pointers, a vector that grows, big-endian frames, static calls. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/err.h>
#include <linux/ratelimit.h>
#include <linux/build_bug.h>
#include <linux/stddef.h>
#include <linux/overflow.h>
#include <linux/bitmap.h>
#include <linux/cpumask.h>
#include <linux/nodemask.h>
#include <linux/kallsyms.h>
#include <linux/moduleparam.h>
#include <linux/once.h>
#include <linux/static_call.h>
#include <linux/init.h>
#include <asm/byteorder.h>

struct frame { __be16 len; __le32 seq; u8 type; u8 data[]; } __packed;
enum state { IDLE, HEAD, BODY, DONE, BAD, NR };
static const char *const names[NR] = { [IDLE] = "idle", [HEAD] = "head", [BODY] = "body", [DONE] = "done", [BAD] = "bad" };

struct conn {
	enum state state;
	const struct ops *ops;
	struct frame *frame;
	size_t need, have;
	char user[16];
	struct { unsigned long *v; size_t n, cap; } vec;
};
struct ops { int (*feed)(struct conn *, u8); void (*reset)(struct conn *); };

static int debug = 1;
module_param(debug, int, 0600);
MODULE_PARM_DESC(debug, "verbosity");

static int hello(int x) { return x + 1; }
static int goodbye(int x) { return x * 2; }
DEFINE_STATIC_CALL(greet, hello);

static int push(struct conn *c, unsigned long v)
{
	if (c->vec.n == c->vec.cap) {
		size_t cap = c->vec.cap ? c->vec.cap * 2 : 4;
		unsigned long *p = krealloc_array(c->vec.v, cap, sizeof(*p), GFP_KERNEL | __GFP_ZERO);

		if (!p)
			return -ENOMEM;
		c->vec.v = p;
		c->vec.cap = cap;
	}
	c->vec.v[c->vec.n++] = v;
	return 0;
}

static int feed(struct conn *c, u8 b)
{
	int ret;

	switch (c->state) {
	case IDLE:
		if (b != 0x7e)
			return -EPROTO;
		c->frame = kzalloc(struct_size(c->frame, data, 32), GFP_KERNEL);
		if (!c->frame)
			return -ENOMEM;
		c->state = HEAD;
		c->need = sizeof(struct frame);
		c->have = 0;
		return 0;
	case HEAD:
	case BODY:
		if (c->have >= sizeof(struct frame) + 32) {
			c->state = BAD;
			return -EMSGSIZE;
		}
		((u8 *)c->frame)[c->have++] = b;
		if (c->have < c->need)
			return 0;
		if (c->state == HEAD && be16_to_cpu(c->frame->len)) {
			c->need += be16_to_cpu(c->frame->len);
			c->state = BODY;
			return 0;
		}
		c->state = DONE;
		ret = push(c, le32_to_cpu(c->frame->seq));
		return ret ?: 1;
	default:
		return -EBADFD;
	}
}

static void reset(struct conn *c)
{
	kfree(c->frame);
	c->frame = NULL;
	c->state = IDLE;
}

static const struct ops ops = { .feed = feed, .reset = reset };
static struct kmem_cache *cache;

static struct conn *conn_new(gfp_t gfp, int fail)
{
	struct conn *c;
	int err;

	c = kmem_cache_zalloc(cache, gfp);
	if (!c)
		return ERR_PTR(-ENOMEM);
	c->ops = &ops;
	err = fail ? -EIO : push(c, 42);
	if (err)
		goto free;
	return c;
free:
	kmem_cache_free(cache, c);
	return ERR_PTR(err);
}

static void conn_free(struct conn *c)
{
	if (IS_ERR_OR_NULL(c))
		return;
	c->ops->reset(c);
	kfree(c->vec.v);
	kmem_cache_free(cache, c);
}

static int __init state_init(void)
{
	static const u8 in[] = { 0x7e, 0, 3, 0x78, 0x56, 0x34, 0x12, 9, 'a', 'b', 'c', 0x55, 0x7e, 0, 0, 1, 0, 0, 0, 2, 0x7e, 0x01 };
	DEFINE_RATELIMIT_STATE(rs, 5 * HZ, 3);
	struct conn *c, *bad;
	int i, ret;

	BUILD_BUG_ON(offsetof(struct frame, data) != 7);
	cache = kmem_cache_create_usercopy("frame_conn", sizeof(struct conn), 0, SLAB_ACCOUNT | SLAB_RECLAIM_ACCOUNT, offsetof(struct conn, user), sizeof_field(struct conn, user), NULL);
	if (!cache)
		return -ENOMEM;
	bad = conn_new(GFP_KERNEL, 1);
	pr_info("bad %ld %pe zero %d\n", PTR_ERR(bad), bad, PTR_ERR_OR_ZERO(bad));
	conn_free(bad);
	c = conn_new(GFP_KERNEL, 0);
	if (IS_ERR(c)) {
		kmem_cache_destroy(cache);
		return PTR_ERR(c);
	}
	for (i = 0; i < ARRAY_SIZE(in); i++) {
		ret = c->ops->feed(c, in[i]);
		if (ret < 0)
			pr_err("byte %d (%#04x): %pe in state %s\n", i, in[i], ERR_PTR(ret), names[c->state]);
		if (ret == 1) {
			pr_info("frame type %u len %u seq %#x\n", c->frame->type, be16_to_cpu(c->frame->len), le32_to_cpu(c->frame->seq));
			print_hex_dump(KERN_INFO, "frame ", DUMP_PREFIX_OFFSET, 16, 1, c->frame, c->have, true);
			c->ops->reset(c);
		}
	}
	for (i = 0; i < 20; i++)
		if (push(c, i * i))
			break;
	pr_info("vector %zu of %zu last %lu\n", c->vec.n, c->vec.cap, c->vec.v[c->vec.n - 1]);
	for (i = 0; i < 6; i++)
		if (__ratelimit(&rs))
			pr_info("limited %d\n", i);
	for (i = 0; i < 3; i++)
		pr_info_once("only once %d\n", i);
	pr_info("static call %d\n", static_call(greet)(20));
	static_call_update(greet, goodbye);
	pr_info("static call %d\n", static_call(greet)(20));
	pr_info("%ps %pS\n", feed, THIS_MODULE->init ? (void *)reset : NULL);
	pr_info("online %*pbl possible %*pb nodes %*pbl\n", cpumask_pr_args(cpu_online_mask), cpumask_pr_args(cpu_possible_mask), nodemask_pr_args(&node_states[N_ONLINE]));
	pr_info("%s %s %d\n", THIS_MODULE->name, KBUILD_MODNAME, module_is_live(THIS_MODULE));
	conn_free(c);
	return 0;
}

static void __exit state_exit(void)
{
	pr_info("static call %d\n", static_call(greet)(21));
	kmem_cache_destroy(cache);
}

module_init(state_init);
module_exit(state_exit);
MODULE_LICENSE("GPL v2");
MODULE_AUTHOR("A. Student <a@example.org>");
MODULE_DESCRIPTION("frame parser");
MODULE_VERSION("1.2");
MODULE_ALIAS("frame-parser");
