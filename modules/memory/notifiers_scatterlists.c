// SPDX-License-Identifier: GPL-2.0
/* Notifier chains, one block in a chain twice; scatterlists and their iterators; dates. */
#include <linux/module.h>
#include <linux/notifier.h>
#include <linux/scatterlist.h>
#include <linux/slab.h>
#include <linux/mm.h>
#include <linux/timekeeping.h>
#include <linux/time.h>
#include <linux/utsname.h>

static int seen(struct notifier_block *nb, unsigned long action, void *data)
{
	pr_info("prio %d action %lu data %s\n", nb->priority, action, (char *)data);
	return action == 99 && nb->priority == 5 ? NOTIFY_BAD : nb->priority < 0 ? NOTIFY_OK : NOTIFY_DONE;
}

static struct notifier_block low = { .notifier_call = seen, .priority = -1 };
static struct notifier_block mid = { .notifier_call = seen };
static struct notifier_block high = { .notifier_call = seen, .priority = 5 };
static ATOMIC_NOTIFIER_HEAD(atomic_chain);
static BLOCKING_NOTIFIER_HEAD(blocking_chain);
static RAW_NOTIFIER_HEAD(raw_chain);

int notifiers_scatterlists_exported(int x)
{
	return x * 2;
}
EXPORT_SYMBOL_GPL(notifiers_scatterlists_exported);

static int __init notify_init(void)
{
	struct scatterlist sg[4], *s;
	struct sg_table tbl;
	struct sg_mapping_iter it;
	char *buf[3], out[32];
	int i, r;
	size_t n;
	struct timespec64 ts;
	struct tm tm;

	pr_info("reg %d %d %d\n", atomic_notifier_chain_register(&atomic_chain, &low), atomic_notifier_chain_register(&atomic_chain, &high), atomic_notifier_chain_register(&atomic_chain, &mid));
	pr_info("call %x\n", atomic_notifier_call_chain(&atomic_chain, 1, "one"));
	pr_info("call %x\n", atomic_notifier_call_chain(&atomic_chain, 99, "stop"));
	for (i = 0; i < 2; i++)
		pr_info("unreg %d\n", atomic_notifier_chain_unregister(&atomic_chain, &mid));
	pr_info("call %x\n", atomic_notifier_call_chain(&atomic_chain, 2, "two"));
	pr_info("twice %d\n", atomic_notifier_chain_register(&atomic_chain, &low));	/* finds: warn */
	mid.next = NULL;
	pr_info("reg %d\n", blocking_notifier_chain_register(&blocking_chain, &mid));
	pr_info("call %x\n", blocking_notifier_call_chain(&blocking_chain, 3, "three"));
	pr_info("unreg %d\n", blocking_notifier_chain_unregister(&blocking_chain, &mid));
	pr_info("call empty %x\n", blocking_notifier_call_chain(&blocking_chain, 4, "four"));
	pr_info("raw %d\n", raw_notifier_chain_register(&raw_chain, &mid));
	pr_info("call %x\n", raw_notifier_call_chain(&raw_chain, 5, "five"));
	pr_info("unreg %d\n", raw_notifier_chain_unregister(&raw_chain, &mid));

	sg_init_table(sg, 3);
	for (i = 0; i < 3; i++) {
		buf[i] = kmalloc(16, GFP_KERNEL);
		if (!buf[i]) {
			while (i--)
				kfree(buf[i]);
			return -ENOMEM;
		}
		memset(buf[i], 'a' + i, 16);
		sg_set_buf(&sg[i], buf[i], 5 + i);
	}
	pr_info("nents %d last %d\n", sg_nents(sg), sg_last(sg, 3) == &sg[2]);
	n = sg_copy_to_buffer(sg, 3, out, sizeof(out));
	pr_info("copied %zu %.*s\n", n, (int)n, out);
	n = sg_copy_from_buffer(sg, 3, "0123456789", 10);
	pr_info("copied %zu %.5s %.6s\n", n, buf[0], buf[1]);
	n = sg_pcopy_to_buffer(sg, 3, out, 4, 4);
	pr_info("pcopy %zu %.*s\n", n, (int)n, out);
	for_each_sg(sg, s, 3, i)
		pr_info("sg %d length %u offset ok %d\n", i, s->length, sg_virt(s) == buf[i]);
	sg_miter_start(&it, sg, 3, SG_MITER_FROM_SG | SG_MITER_ATOMIC);
	while (sg_miter_next(&it))
		pr_info("miter %zu %.*s\n", it.length, (int)it.length, (char *)it.addr);
	sg_miter_stop(&it);
	r = sg_alloc_table(&tbl, 200, GFP_KERNEL);
	pr_info("table %d nents %u orig %u\n", r, tbl.nents, tbl.orig_nents);
	i = 0;
	if (!r) {
		for_each_sgtable_sg(&tbl, s, r)
			i += sg_is_last(s) ? 1000 : 1;
		pr_info("walked %d\n", i);
		sg_free_table(&tbl);
	}
	for (i = 0; i < 3; i++)
		kfree(buf[i]);
	ts = ns_to_timespec64(-1500000000LL);
	pr_info("ts %lld %ld\n", (s64)ts.tv_sec, ts.tv_nsec);
	ts = timespec64_add(ts, ns_to_timespec64(2700000000LL));
	pr_info("ts %lld %ld ns %lld\n", (s64)ts.tv_sec, ts.tv_nsec, timespec64_to_ns(&ts));
	set_normalized_timespec64(&ts, 5, -3);
	pr_info("ts %lld %ld\n", (s64)ts.tv_sec, ts.tv_nsec);
	time64_to_tm(1700000000, 3600, &tm);
	pr_info("tm %ld-%d-%d %d:%d:%d wday %d yday %d\n", tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec, tm.tm_wday, tm.tm_yday);
	time64_to_tm(-1, 0, &tm);
	pr_info("tm %ld-%d-%d %d:%d:%d wday %d yday %d\n", tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec, tm.tm_wday, tm.tm_yday);
	pr_info("mktime %lld clock_t %lu\n", mktime64(2023, 11, 14, 22, 13, 20), jiffies_to_clock_t(250));
	pr_info("jiffies %lu %u\n", nsecs_to_jiffies(1000000000), jiffies_to_msecs(3));
	pr_info("uts %s %s\n", init_utsname()->sysname, init_utsname()->machine);
	return 0;
}

static void __exit notify_exit(void)
{
	pr_info("refs %d\n", module_refcount(THIS_MODULE));
}

module_init(notify_init);
module_exit(notify_exit);
MODULE_LICENSE("GPL");
