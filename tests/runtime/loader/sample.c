/* One of everything that the loader has to deal with; not meant to be run. */
#include <linux/module.h>
#include <linux/percpu.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

static int global = 7;
static DEFINE_PER_CPU(int *, lost) = &global;
static DEFINE_PER_CPU(int, number) = 42;

static int count;
static int list[4] = { 1 };
static bool flag;
static char *text = "default";
static char line[8] = "abc";
static int once __ro_after_init = 3;
module_param_array(list, int, &count, 0644);
module_param(flag, bool, 0444);
module_param(text, charp, 0444);
module_param_string(line, line, sizeof(line), 0644);
module_param(once, int, 0);

static int set_twice(const char *value, const struct kernel_param *kp)
{
	int error = param_set_int(value, kp);

	*(int *)kp->arg *= 2;
	return error;
}
static const struct kernel_param_ops twice_ops = { .set = set_twice, .get = param_get_int };
static int twice;
module_param_cb(twice, &twice_ops, &twice, 0644);

noinline int sum(volatile int *p, int n)
{
	int i, s = 0;

	for (i = 0; i < n; i++)
		s += p[i];
	WARN_ON(n == 77);
	return s;
}

noinline int variable(int n)
{
	int *a = __builtin_alloca(n * 4), i;

	for (i = 0; i < n; i++)
		a[i] = i;
	return sum(a, n);
}

noinline int realigned(int n)
{
	int a[8] __aligned(64), i;

	for (i = 0; i < 8; i++)
		a[i] = i + n;
	return sum(a, 8);
}

noinline int early(int n, int b, int c, int d)
{
	int x[4] = { n, b, c, d };

	if (n < 3)
		return sum(x, 2);
	if (n < 5) {
		if (sum(x, 3))
			return 7;
		return variable(n) + realigned(b);
	}
	return sum(x, 4) + c * d;
}
EXPORT_SYMBOL(early);
EXPORT_SYMBOL_GPL(variable);
EXPORT_SYMBOL_NS_GPL(realigned, SAMPLES);

static long fetch(long __user *from)
{
	long value;

	if (!user_access_begin(from, sizeof(*from)))
		return -EFAULT;
	unsafe_get_user(value, from, fault);
	user_access_end();
	return value + rdtsc();
fault:
	user_access_end();
	return -EFAULT;
}

static int __init sample_init(void)
{
	pr_info("%s %d %ps %d\n", text, this_cpu_read(number), this_cpu_read(lost), once + flag + count + twice);
	return early(list[0], line[0], 2, 1) + (int)fetch((long __user *)text);
}

static void __exit sample_exit(void)
{
	global++;
}

module_init(sample_init);
module_exit(sample_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("what the loader's tests load");
MODULE_PARM_DESC(flag, "a flag");
