/* What a driver says of its files. Files themselves are opaque: nobody opens them. Linux: include/linux/fs.h */
#pragma once
#include <linux/err.h>
#include <linux/export.h>
#include <linux/kdev_t.h>
#include <linux/stat.h>
#include <linux/types.h>

int alloc_chrdev_region(dev_t *first, unsigned int minor, unsigned int count, const char *name);
int register_chrdev_region(dev_t first, unsigned int count, const char *name);
void unregister_chrdev_region(dev_t first, unsigned int count);
struct file_operations;
int __register_chrdev(unsigned int major, unsigned int minor, unsigned int count, const char *name,
		      const struct file_operations *operations);
void __unregister_chrdev(unsigned int major, unsigned int minor, unsigned int count, const char *name);

static inline int register_chrdev(unsigned int major, const char *name, const struct file_operations *operations)
{
	return __register_chrdev(major, 0, 256, name, operations);
}

static inline void unregister_chrdev(unsigned int major, const char *name)
{
	__unregister_chrdev(major, 0, 256, name);
}

struct file;
struct file_lock;
struct inode;
struct io_comp_batch;
struct io_uring_cmd;
struct iov_iter;
struct dir_context;
struct kiocb;
struct page;
struct pipe_inode_info;
struct poll_table_struct;
struct seq_file;
struct vm_area_struct;
typedef void *fl_owner_t;
typedef unsigned int __poll_t;

/* All members, in the ABI's order: a union of padded ones could not be initialised. */
struct file_operations {
	struct module *owner;
	loff_t (*llseek)(struct file *file, loff_t offset, int whence);
	ssize_t (*read)(struct file *file, char __user *to, size_t bytes, loff_t *position);
	ssize_t (*write)(struct file *file, const char __user *from, size_t bytes, loff_t *position);
	ssize_t (*read_iter)(struct kiocb *call, struct iov_iter *to);
	ssize_t (*write_iter)(struct kiocb *call, struct iov_iter *from);
	int (*iopoll)(struct kiocb *call, struct io_comp_batch *batch, unsigned int flags);
	int (*iterate)(struct file *file, struct dir_context *entries);
	int (*iterate_shared)(struct file *file, struct dir_context *entries);
	__poll_t (*poll)(struct file *file, struct poll_table_struct *table);
	long (*unlocked_ioctl)(struct file *file, unsigned int command, unsigned long argument);
	long (*compat_ioctl)(struct file *file, unsigned int command, unsigned long argument);
	int (*mmap)(struct file *file, struct vm_area_struct *area);
	unsigned long mmap_supported_flags;
	int (*open)(struct inode *inode, struct file *file);
	int (*flush)(struct file *file, fl_owner_t owner);
	int (*release)(struct inode *inode, struct file *file);
	int (*fsync)(struct file *file, loff_t first, loff_t last, int only_data);
	int (*fasync)(int descriptor, struct file *file, int on);
	int (*lock)(struct file *file, int command, struct file_lock *lock);
	ssize_t (*sendpage)(struct file *file, struct page *page, int offset, size_t bytes, loff_t *position, int more);
	unsigned long (*get_unmapped_area)(struct file *file, unsigned long address, unsigned long bytes,
					   unsigned long offset, unsigned long flags);
	int (*check_flags)(int flags);
	int (*flock)(struct file *file, int command, struct file_lock *lock);
	ssize_t (*splice_write)(struct pipe_inode_info *from, struct file *to, loff_t *at, size_t bytes, unsigned int flags);
	ssize_t (*splice_read)(struct file *from, loff_t *at, struct pipe_inode_info *to, size_t bytes, unsigned int flags);
	void (*splice_eof)(struct file *file);
	int (*setlease)(struct file *file, long kind, struct file_lock **lock, void **data);
	long (*fallocate)(struct file *file, int mode, loff_t offset, loff_t bytes);
	void (*show_fdinfo)(struct seq_file *to, struct file *file);
	ssize_t (*copy_file_range)(struct file *from, loff_t at, struct file *to, loff_t there, size_t bytes, unsigned int flags);
	loff_t (*remap_file_range)(struct file *from, loff_t at, struct file *to, loff_t there, loff_t bytes, unsigned int flags);
	int (*fadvise)(struct file *file, loff_t offset, loff_t bytes, int advice);
	int (*uring_cmd)(struct io_uring_cmd *command, unsigned int flags);
	int (*uring_cmd_iopoll)(struct io_uring_cmd *command, struct io_comp_batch *batch, unsigned int flags);
};
