// SPDX-License-Identifier: GPL-2.0
/* A misc device as drivers have one: allocated state, a device inside of it, everything taken back on failure. */
#include <linux/fs.h>
#include <linux/list.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/slab.h>

struct state {
	struct miscdevice misc;
	char *buffer;
};

static const struct file_operations fops = {
	.owner = THIS_MODULE,
};
static struct state *state;

static int __init device_init(void)
{
	int result = -ENOMEM;

	state = kzalloc(sizeof(*state), GFP_KERNEL);
	if (!state)
		return -ENOMEM;
	state->buffer = kmalloc(100, GFP_KERNEL);
	if (!state->buffer)
		goto free_state;
	state->misc.minor = MISC_DYNAMIC_MINOR;
	state->misc.name = "misc_device";
	state->misc.fops = &fops;
	result = misc_register(&state->misc);
	if (result)
		goto free_buffer;
	dev_info(state->misc.this_device, "minor %d\n", state->misc.minor);
	pr_info("driver data: %d\n", dev_get_drvdata(state->misc.this_device) == &state->misc);
	pr_info("name %s number %u:%u\n", dev_name(state->misc.this_device), MAJOR(state->misc.this_device->devt),
		MINOR(state->misc.this_device->devt));
	pr_info("parent: %d, in a list: %d\n", !!state->misc.this_device->parent, !list_empty(&state->misc.list));
	return 0;

free_buffer:
	kfree(state->buffer);
free_state:
	kfree(state);
	return result;
}

static void __exit device_exit(void)
{
	misc_deregister(&state->misc);
	pr_info("gone, minor %d\n", state->misc.minor);
	kfree(state->buffer);
	kfree(state);
}

module_init(device_init);
module_exit(device_exit);
MODULE_LICENSE("GPL");
