/* What a module says of its files in /proc. Files themselves are opaque: nobody opens them. Linux: include/linux/proc_fs.h */
#pragma once
#include <linux/fs.h>
#include <linux/types.h>
#include <linux/uidgid.h>

struct proc_dir_entry;
struct seq_operations;

/* All members, in the ABI's order: a union of padded ones could not be initialised. */
struct proc_ops {
	unsigned int proc_flags;
	int (*proc_open)(struct inode *inode, struct file *file);
	ssize_t (*proc_read)(struct file *file, char __user *to, size_t bytes, loff_t *position);
	ssize_t (*proc_read_iter)(struct kiocb *call, struct iov_iter *to);
	ssize_t (*proc_write)(struct file *file, const char __user *from, size_t bytes, loff_t *position);
	loff_t (*proc_lseek)(struct file *file, loff_t offset, int whence);
	int (*proc_release)(struct inode *inode, struct file *file);
	__poll_t (*proc_poll)(struct file *file, struct poll_table_struct *table);
	long (*proc_ioctl)(struct file *file, unsigned int command, unsigned long argument);
	long (*proc_compat_ioctl)(struct file *file, unsigned int command, unsigned long argument);
	int (*proc_mmap)(struct file *file, struct vm_area_struct *area);
	unsigned long (*proc_get_unmapped_area)(struct file *file, unsigned long address, unsigned long bytes,
						unsigned long offset, unsigned long flags);
};

struct proc_dir_entry *proc_create(const char *name, umode_t mode, struct proc_dir_entry *parent,
				   const struct proc_ops *operations);
struct proc_dir_entry *proc_create_data(const char *name, umode_t mode, struct proc_dir_entry *parent,
					const struct proc_ops *operations, void *data);
struct proc_dir_entry *proc_create_single_data(const char *name, umode_t mode, struct proc_dir_entry *parent,
					       int (*show)(struct seq_file *to, void *data), void *data);
struct proc_dir_entry *proc_symlink(const char *name, struct proc_dir_entry *parent, const char *target);
struct proc_dir_entry *proc_mkdir(const char *name, struct proc_dir_entry *parent);
struct proc_dir_entry *proc_mkdir_mode(const char *name, umode_t mode, struct proc_dir_entry *parent);
struct proc_dir_entry *proc_mkdir_data(const char *name, umode_t mode, struct proc_dir_entry *parent, void *data);
#define proc_create_single(name, mode, parent, show) proc_create_single_data(name, mode, parent, show, NULL)
void remove_proc_entry(const char *name, struct proc_dir_entry *parent);
int remove_proc_subtree(const char *name, struct proc_dir_entry *parent);
void proc_remove(struct proc_dir_entry *entry);
void proc_set_size(struct proc_dir_entry *entry, loff_t bytes);
void proc_set_user(struct proc_dir_entry *entry, kuid_t user, kgid_t group);
