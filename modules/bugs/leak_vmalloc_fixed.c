// SPDX-License-Identifier: GPL-2.0
/* Before the firmware is loaded a second time, the first image is freed. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/mm.h>
#include <linux/module.h>
#include <linux/string.h>
#include <linux/vmalloc.h>

#define IMAGE_SIZE (5 * PAGE_SIZE)

static u8 *image;

static int firmware_load(u8 version)
{
	vfree(image);
	image = vmalloc(IMAGE_SIZE);	
	if (!image)
		return -ENOMEM;
	memset(image, version, IMAGE_SIZE);
	pr_info("version %u loaded, far from other memory: %d\n", image[IMAGE_SIZE - 1], (unsigned long)image >= VMALLOC_START);
	return 0;
}

static int __init firmware_init(void)
{
	int err = firmware_load(1);

	if (!err)
		err = firmware_load(2);
	if (err)
		vfree(image);
	return err;
}

static void __exit firmware_exit(void)
{
	vfree(image);
	pr_info("exit\n");
}

module_init(firmware_init);
module_exit(firmware_exit);
MODULE_DESCRIPTION("A large table that a reload loses");
MODULE_LICENSE("GPL");
