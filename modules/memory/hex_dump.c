// SPDX-License-Identifier: GPL-2.0
/*
 * print_hex_dump(): memory as hexadecimal numbers, in groups, with and without text.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/printk.h>
#include <linux/slab.h>
#include <linux/string.h>

#define SIZE 45

static int __init hex_dump_init(void)
{
	char line[64], *mem = kmalloc(SIZE, GFP_KERNEL);
	int i, length;

	if (!mem)
		return -ENOMEM;
	for (i = 0; i < SIZE; i++)
		mem[i] = i * 5 + 10;

	print_hex_dump(KERN_INFO, "bytes: ", DUMP_PREFIX_OFFSET, 16, 1, mem, SIZE, true);
	print_hex_dump(KERN_NOTICE, "no text: ", DUMP_PREFIX_NONE, 16, 1, mem, 20, false);
	print_hex_dump(KERN_INFO, "32 a line: ", DUMP_PREFIX_OFFSET, 32, 1, mem, SIZE, true);
	print_hex_dump(KERN_INFO, "words of 2: ", DUMP_PREFIX_OFFSET, 16, 2, mem, 20, true);
	print_hex_dump(KERN_INFO, "words of 4: ", DUMP_PREFIX_OFFSET, 16, 4, mem, 20, true);
	print_hex_dump(KERN_INFO, "words of 8: ", DUMP_PREFIX_OFFSET, 16, 8, mem, 32, true);
	print_hex_dump(KERN_INFO, "words of 4 do not fit: ", DUMP_PREFIX_OFFSET, 16, 4, mem, 18, true);
	print_hex_dump(KERN_WARNING, "odd arguments: ", DUMP_PREFIX_OFFSET, 20, 3, mem, 20, false);
	print_hex_dump_bytes("dump_bytes is for debugging: ", DUMP_PREFIX_OFFSET, mem, 4);

	length = hex_dump_to_buffer(mem, SIZE, 16, 1, line, sizeof(line), false);
	pr_info("hex_dump_to_buffer: %d [%s]\n", length, line);
	length = hex_dump_to_buffer(mem, SIZE, 16, 1, line, 10, true);
	pr_info("into 10 bytes: %d [%s]\n", length, line);
	kfree(mem);
	return 0;
}

static void __exit hex_dump_exit(void)
{
	pr_info("exit\n");
}

module_init(hex_dump_init);
module_exit(hex_dump_exit);
MODULE_DESCRIPTION("Hexadecimal dumps of memory");
MODULE_LICENSE("GPL");
