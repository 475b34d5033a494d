/* A bug that has nothing to do with the call that failed before. */
#include <linux/module.h>
#include <linux/mutex.h>

static DEFINE_MUTEX(mutex);
static long *nowhere;

static int __init own_null_init(void)
{
	if (mutex_lock_interruptible(&mutex))
		pr_info("interrupted\n");
	READ_ONCE(nowhere)[1] = 1;
	return 0;
}
module_init(own_null_init);

MODULE_LICENSE("GPL");
