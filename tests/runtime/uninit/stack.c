// SPDX-License-Identifier: GPL-2.0
/*
 * Uses of stack variables that nobody has initialised; how= chooses one, mode= 0 leaves them as they are. The line that
 * does it is marked with "bad: HOW".
 */
#include <linux/init.h>
#include <linux/module.h>
#include <linux/printk.h>
#include <linux/slab.h>
#include <linux/string.h>

static char *how = "";
module_param(how, charp, 0);
static int mode;
module_param(mode, int, 0);

static noinline void maybe(int *out)
{
	if (mode)
		*out = mode;
}

/* Leaves the same bytes on the stack in each run. */
static noinline int scribble(int n)
{
	volatile int words[64];
	int i, sum = 0;

	for (i = 0; i < 64; i++)
		words[i] = n;
	for (i = 0; i < 64; i++)
		sum += words[i];
	return sum;
}

static noinline void use_variable(void)
{
	int n;

	maybe(&n);
	if (n > 3) /* bad: variable */
		pr_info("large\n");
}

static noinline void use_padding(void)
{
	struct {
		char a;
		int b;
	} x;

	x.a = 1;
	x.b = 2;
	pr_info("padded %*ph\n", (int)sizeof(x), &x); /* bad: padding */
}

static noinline void use_buffer(void)
{
	char buffer[24];

	memcpy(buffer, "abc", 3);
	if (mode)
		memset(buffer + 3, 0, 21);
	buffer[23] = 0;
	pr_info("buffer %s\n", buffer); /* bad: buffer */
}

static int __init stack_init(void)
{
	int sum = scribble(0);

	kfree(kmalloc(sum + 10, GFP_KERNEL));
	if (!strcmp(how, "variable"))
		use_variable();
	else if (!strcmp(how, "padding"))
		use_padding();
	else if (!strcmp(how, "buffer"))
		use_buffer();
	return 0;
}

static void __exit stack_exit(void)
{
}

module_init(stack_init);
module_exit(stack_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Uninitialised memory on the stack");
