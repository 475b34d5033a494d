// SPDX-License-Identifier: GPL-2.0
/* init or exit returns with a mutex or an rw_semaphore held: the real kernel does not notice. */
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/rwsem.h>

static int how, fail, late;
module_param(how, int, 0);
module_param(fail, int, 0);
module_param(late, int, 0);
static DEFINE_MUTEX(mutex);
static DECLARE_RWSEM(rwsem);

static noinline void take(void)
{
	switch (how) {
	case 1:
		mutex_lock(&mutex);
		break;
	case 2:
		down_read(&rwsem);
		break;
	case 3:
		down_write(&rwsem);
		break;
	case 4:
		pr_info("trylock %d\n", mutex_trylock(&mutex));
		break;
	}
	pr_info("took %d\n", how);
}

static int __init left_init(void)
{	/* finds: atomic-imbalance */
	if (!late)
		take();
	return fail;
}

static void __exit left_exit(void)
{
	if (late)	/* finds: atomic-imbalance */
		take();
}

module_init(left_init);
module_exit(left_exit);
MODULE_LICENSE("GPL");
