// SPDX-License-Identifier: GPL-2.0
/* Entries of /proc: files and directories, names that are taken or wrong, a directory that is not empty. */
#include <linux/module.h>
#include <linux/proc_fs.h>

static const struct proc_ops ops = { };
static struct proc_dir_entry *file, *dir, *inner;

static int __init entries_init(void)
{
	file = proc_create("entries_file", 0444, NULL, &ops);
	dir = proc_mkdir("entries_dir", NULL);
	inner = proc_create("inner", 0, dir, &ops);	/* finds: resource-leak, when proc_mkdir fails */
	pr_info("made %d %d %d\n", !!file, !!dir, !!inner);
	if (file) {
		proc_set_size(file, 100);
		proc_set_user(file, KUIDT_INIT(7), KGIDT_INIT(8));
	}
	pr_info("by path %d\n", !!proc_create("entries_dir/deep", 0, NULL, &ops));	/* finds: bad-argument, when proc_mkdir fails */
	pr_info("in driver %d\n", !!proc_mkdir("driver/entries", NULL));
	pr_info("same name %d\n", !!proc_create("entries_file", 0, NULL, &ops));	/* finds: bad-argument */
	pr_info("a name of the kernel's %d\n", !!proc_create("meminfo", 0, NULL, &ops));	/* finds: bad-argument */
	pr_info("no such directory %d\n", !!proc_create("entries_no/file", 0, NULL, &ops));	/* finds: bad-argument */
	pr_info("no name %d\n", !!proc_create("", 0, NULL, &ops));	/* finds: bad-argument */
	pr_info("a dot %d\n", !!proc_create(".", 0, NULL, &ops));	/* finds: bad-argument */
	pr_info("two dots %d\n", !!proc_create("..", 0, NULL, &ops));	/* finds: bad-argument */
	pr_info("a number %d\n", !!proc_create("123", 0, NULL, &ops));	/* finds: bad-argument */
	pr_info("a number below %d\n", !!proc_create("123", 0, dir, &ops));	/* finds: bad-argument, when proc_mkdir fails */
	pr_info("a symlink %d\n", !!proc_symlink("entries_link", NULL, "entries_file"));
	remove_proc_entry("entries_other", NULL);	/* finds: bad-argument */
	remove_proc_entry("entries_file", NULL);
	file = proc_create("entries_file", 0, NULL, &ops);
	pr_info("again %d\n", !!file);
	return 0;
}

static void __exit entries_exit(void)
{
	remove_proc_entry("entries_link", NULL);	/* finds: bad-argument, when proc_symlink fails */
	remove_proc_entry("driver/entries", NULL);	/* finds: bad-argument, when proc_mkdir fails */
	proc_remove(file);
	proc_remove(NULL);
	pr_info("subtree %d\n", remove_proc_subtree("entries_dir", NULL));
	pr_info("subtree again %d\n", remove_proc_subtree("entries_dir", NULL));
	dir = proc_mkdir_mode("entries_dir", 0500, NULL);
	inner = proc_create_data("inner", 0, dir, &ops, dir);
	remove_proc_entry("inner", dir);	/* finds: bad-argument, when proc_create_data fails */
	remove_proc_entry("entries_dir", NULL);	/* finds: bad-argument, when proc_mkdir_mode fails */
	pr_info("gone\n");
}

module_init(entries_init);
module_exit(entries_exit);
MODULE_LICENSE("GPL");
