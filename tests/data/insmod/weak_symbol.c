// SPDX-License-Identifier: GPL-2.0
/* Weak references: to what nobody exports (their address is 0), and to what the kernel does export. */
#include <linux/module.h>
#include <linux/slab.h>

int surely_not_exported(int) __weak;
extern int no_such_variable __weak;
void kfree_const(const void *) __weak;

static int __init weak_symbol_init(void)
{
	printk(KERN_INFO "weak_symbol: function %d, variable %d, kfree_const %d\n", !!surely_not_exported,
	       !!&no_such_variable, !!kfree_const);
	return 0;
}

static void __exit weak_symbol_exit(void)
{
}

module_init(weak_symbol_init);
module_exit(weak_symbol_exit);
MODULE_LICENSE("GPL");
