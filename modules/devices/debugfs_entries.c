// SPDX-License-Identifier: GPL-2.0
/* Entries of debugfs: directories, files and variables; names that are taken; what is removed with its directory. */
#include <linux/debugfs.h>
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/module.h>

static const struct file_operations fops = { .owner = THIS_MODULE };
static struct dentry *dir;
static u32 number;
static bool flag;

static long shown(struct dentry *entry)
{
	return IS_ERR(entry) ? PTR_ERR(entry) : !!entry;
}

static int __init entries_init(void)
{
	struct dentry *again, *inner;

	dir = debugfs_create_dir("debugfs_entries", NULL);
	pr_info("directory %ld\n", shown(dir));
	pr_info("file %ld\n", shown(debugfs_create_file("file", 0444, dir, NULL, &fops)));
	pr_info("long name %ld\n", shown(debugfs_create_file("a_name_that_is_longer_than_thirty_one_bytes", 0444, dir,
		NULL, &fops)));
	pr_info("no name %ld\n", shown(debugfs_create_file("", 0444, dir, NULL, &fops)));
	pr_info("a slash %ld\n", shown(debugfs_create_file("a/b", 0444, dir, NULL, &fops)));
	pr_info("the kernel's own %ld\n", shown(debugfs_create_dir("slab", NULL)));	/* finds: bad-argument */
	debugfs_create_u32("number", 0644, dir, &number);
	debugfs_create_bool("flag", 0644, dir, &flag);
	again = debugfs_create_dir("debugfs_entries", NULL);	/* finds: bad-argument; resource-leak, when debugfs_create_dir fails */
	pr_info("again %ld\n", shown(again));
	pr_info("below an error %ld\n", shown(debugfs_create_file("file", 0, again, NULL, &fops)));
	pr_info("file again %ld\n", shown(debugfs_create_file("file", 0, dir, NULL, &fops)));	/* finds: bad-argument */
	pr_info("number again %ld\n", shown(debugfs_create_dir("number", dir)));	/* finds: bad-argument */
	debugfs_create_u32("number", 0, dir, &number);	/* finds: bad-argument */
	inner = debugfs_create_dir("inner", dir);
	pr_info("inner %ld\n", shown(inner));
	debugfs_remove(inner);
	inner = debugfs_create_dir("inner", dir);
	pr_info("inner again %ld\n", shown(inner));
	debugfs_create_file("deep", 0, inner, NULL, &fops);
	debugfs_remove(NULL);
	debugfs_remove(ERR_PTR(-ENODEV));
	return 0;
}

static void __exit entries_exit(void)
{
	debugfs_remove_recursive(dir);
	dir = debugfs_create_dir("debugfs_entries", NULL);	/* finds: bad-argument, when debugfs_create_dir fails */
	pr_info("once more %ld\n", shown(dir));
	debugfs_remove(dir);
}

module_init(entries_init);
module_exit(entries_exit);
MODULE_LICENSE("GPL");
