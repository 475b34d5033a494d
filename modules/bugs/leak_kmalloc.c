// SPDX-License-Identifier: GPL-2.0
/* Two buffers are taken in init; exit gives only one of them back. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/module.h>
#include <linux/slab.h>
#include <linux/string.h>

#define SAMPLES 25

struct sensor {
	u32 *samples;
	char *label;
};

static struct sensor sensor;

static int __init sensor_init(void)
{
	sensor.samples = kcalloc(SAMPLES, sizeof(u32), GFP_KERNEL);	/* finds: leak */
	if (!sensor.samples)
		return -ENOMEM;
	sensor.label = kstrdup("temperature", GFP_KERNEL);
	if (!sensor.label) {
		kfree(sensor.samples);
		return -ENOMEM;
	}
	pr_info("%s: room for %d samples\n", sensor.label, SAMPLES);
	return 0;
}

static void __exit sensor_exit(void)
{
	kfree(sensor.label);
	pr_info("exit\n");
}

module_init(sensor_init);
module_exit(sensor_exit);
MODULE_DESCRIPTION("A buffer that exit forgets");
MODULE_LICENSE("GPL");
