// SPDX-License-Identifier: GPL-2.0
/* Statistics by CPU: u64_stats, local_t, percpu_counter; atomic operations, static keys that are switched, bits. */
#include <linux/module.h>
#include <linux/percpu.h>
#include <linux/percpu_counter.h>
#include <linux/u64_stats_sync.h>
#include <linux/jump_label.h>
#include <linux/atomic.h>
#include <linux/local_lock.h>
#include <asm/local.h>
#include <linux/seqlock.h>
#include <linux/cpumask.h>

struct stats {
	u64_stats_t packets, bytes;
	struct u64_stats_sync sync;
	u8 histogram[32];
};
static struct stats __percpu *stats;
static DEFINE_PER_CPU(unsigned long, hits) = 5;
static DEFINE_PER_CPU_ALIGNED(struct stats, fixed);
static DEFINE_PER_CPU(local_t, loc);
static struct percpu_counter pc;
static DEFINE_STATIC_KEY_FALSE(fast);
static DEFINE_STATIC_KEY_TRUE(slow);
static atomic_t a = ATOMIC_INIT(10);
static atomic64_t a64 = ATOMIC64_INIT(1LL << 40);
static seqlock_t sl = __SEQLOCK_UNLOCKED(sl);
static unsigned long bits[4];

static void branch(const char *when)
{
	if (static_branch_unlikely(&fast))
		pr_info("%s: fast\n", when);
	else
		pr_info("%s: not fast\n", when);
	if (static_branch_likely(&slow))
		pr_info("%s: slow\n", when);
	else
		pr_info("%s: not slow\n", when);
}

static int __init st_init(void)
{
	int cpu, i, old;
	u64 sum = 0;
	unsigned seq;

	stats = alloc_percpu(struct stats);
	if (!stats)
		return -ENOMEM;
	for_each_possible_cpu(cpu) {
		struct stats *s = per_cpu_ptr(stats, cpu);

		u64_stats_init(&s->sync);
		for (i = 0; i <= cpu; i++) {
			u64_stats_update_begin(&s->sync);
			u64_stats_inc(&s->packets);
			u64_stats_add(&s->bytes, 1500 * (i + 1));
			u64_stats_update_end(&s->sync);
		}
	}
	for_each_possible_cpu(cpu) {
		struct stats *s = per_cpu_ptr(stats, cpu);

		do {
			seq = u64_stats_fetch_begin(&s->sync);
			sum = u64_stats_read(&s->bytes);
		} while (u64_stats_fetch_retry(&s->sync, seq));
		pr_info("cpu%d packets %llu bytes %llu\n", cpu, (u64)u64_stats_read(&s->packets), sum);
	}
	this_cpu_inc(hits);
	this_cpu_add(hits, 10);
	pr_info("hits %lu\n", this_cpu_read(hits));
	pr_info("xchg %lu\n", this_cpu_xchg(hits, 100));
	pr_info("cmpxchg %lu\n", this_cpu_cmpxchg(hits, 100, 7));
	pr_info("hits %lu\n", this_cpu_read(hits));
	pr_info("add_return %lu\n", this_cpu_add_return(hits, 3));
	get_cpu_var(hits) += 2;
	put_cpu_var(hits);
	sum = 0;
	for_each_online_cpu(cpu)
		sum += per_cpu(hits, cpu);
	pr_info("sum %llu aligned %d\n", sum, IS_ALIGNED((unsigned long)this_cpu_ptr(&fixed), 64));
	preempt_disable();
	local_inc(this_cpu_ptr(&loc));
	local_add(4, this_cpu_ptr(&loc));
	pr_info("local %ld\n", local_read(this_cpu_ptr(&loc)));
	preempt_enable();
	pr_info("percpu_counter_init %d\n", percpu_counter_init(&pc, 3, GFP_KERNEL));
	for (i = 0; i < 100; i++)
		percpu_counter_add(&pc, i);
	pr_info("counter %lld cmp %d %d\n", percpu_counter_sum(&pc), percpu_counter_compare(&pc, 100000), percpu_counter_compare(&pc, 1));
	percpu_counter_set(&pc, 9);
	pr_info("counter %lld %lld\n", percpu_counter_read(&pc), percpu_counter_sum_positive(&pc));
	branch("boot");
	static_branch_enable(&fast);
	static_branch_disable(&slow);
	branch("switched");
	static_branch_inc(&fast);
	static_branch_dec(&fast);
	branch("inc, dec");
	static_branch_disable(&fast);
	static_branch_enable(&slow);
	branch("back");
	pr_info("keys %d %d\n", static_key_enabled(&fast), static_key_enabled(&slow));
	old = atomic_fetch_add(5, &a);
	pr_info("atomic %d %d\n", old, atomic_read(&a));
	pr_info("add_unless %d\n", atomic_add_unless(&a, 1, 15));
	pr_info("sub_and_test %d\n", atomic_sub_and_test(15, &a));
	pr_info("cmpxchg %d\n", atomic_cmpxchg(&a, 0, 77));
	pr_info("xchg %d\n", atomic_xchg(&a, -1));
	pr_info("neg %d dec_if_positive %d\n", atomic_add_negative(0, &a), atomic_dec_if_positive(&a));
	pr_info("a64 %lld\n", atomic64_add_return(-3, &a64));
	pr_info("a64 %lld\n", atomic64_fetch_xor(0xff, &a64));
	pr_info("a64 %llx\n", atomic64_fetch_andnot(0xf0, &a64));
	pr_info("a64 %llx\n", (long long)atomic64_read(&a64));
	write_seqlock(&sl);
	write_sequnlock(&sl);
	do {
		seq = read_seqbegin(&sl);
	} while (read_seqretry(&sl, seq));
	pr_info("seq %u\n", seq);
	for (i = 0; i < 2; i++)
		pr_info("test_and_set %d\n", test_and_set_bit(130, bits));
	pr_info("tac %d %d\n", test_and_clear_bit(130, bits), test_and_change_bit(129, bits));
	__set_bit(3, bits);
	change_bit(4, bits);
	pr_info("bits %*pbl weight %lu\n", 256, bits, hweight_long(bits[0]));
	pr_info("ffs %d fls %d fls64 %d __ffs %lu ilog2 %d order %d\n", ffs(0x40), fls(0x40), fls64(1ULL << 50), __ffs(0x100), ilog2(1000), get_order(100000));
	pr_info("roundup %lu rounddown %lu pow2 %d\n", roundup_pow_of_two(1000), rounddown_pow_of_two(1000), is_power_of_2(1024));
	pr_info("cpus %u weight %u\n", num_possible_cpus(), cpumask_weight(cpu_possible_mask));
	return 0;
}

static void __exit st_exit(void)
{
	percpu_counter_destroy(&pc);
	free_percpu(stats);
	branch("exit");
}

module_init(st_init);
module_exit(st_exit);
MODULE_LICENSE("GPL");
