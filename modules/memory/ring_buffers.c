// SPDX-License-Identifier: GPL-2.0
/* Rings: one in vmalloc memory with barriers (circ_buf.h), looked at page by page, and two kfifos; checksums. */
#include <linux/module.h>
#include <linux/vmalloc.h>
#include <linux/kfifo.h>
#include <linux/circ_buf.h>
#include <linux/crc32.h>
#include <linux/mm.h>
#include <linux/highmem.h>

#define RING (64 * 1024)

struct ring {
	char *buf;
	unsigned long head, tail;
	spinlock_t lock;
};

static struct ring ring;
static DEFINE_KFIFO(small, int, 16);
static struct kfifo big;

static int ring_write(struct ring *r, const char *p, int n)
{
	int done = 0, c;

	spin_lock(&r->lock);
	while (n > 0) {
		c = CIRC_SPACE_TO_END(r->head, READ_ONCE(r->tail), RING);
		if (c > n)
			c = n;
		if (c <= 0)
			break;
		memcpy(r->buf + r->head, p, c);
		smp_store_release(&r->head, (r->head + c) & (RING - 1));
		p += c; n -= c; done += c;
	}
	spin_unlock(&r->lock);
	return done;
}

static int ring_read(struct ring *r, char *p, int n)
{
	unsigned long flags;
	int done = 0, c;

	spin_lock_irqsave(&r->lock, flags);
	while (n > 0) {
		c = CIRC_CNT_TO_END(smp_load_acquire(&r->head), r->tail, RING);
		if (c > n)
			c = n;
		if (c <= 0)
			break;
		memcpy(p, r->buf + r->tail, c);
		smp_mb();
		WRITE_ONCE(r->tail, (r->tail + c) & (RING - 1));
		p += c; n -= c; done += c;
	}
	spin_unlock_irqrestore(&r->lock, flags);
	return done;
}

static int __init ring_init(void)
{
	char *tmp;
	int i, ret, v, out[8];
	unsigned long pages = 0;

	spin_lock_init(&ring.lock);
	ring.buf = vzalloc(RING);
	tmp = kvmalloc(100000, GFP_KERNEL | __GFP_ZERO);
	if (!ring.buf || !tmp)
		goto nomem;
	for (i = 0; i < 100000; i++)
		tmp[i] = i * 31 + (i >> 8);
	pr_info("write %d\n", ring_write(&ring, tmp, 100000));
	pr_info("write more %d\n", ring_write(&ring, tmp, 10));
	memset(tmp, 0, 100000);
	pr_info("read %d\n", ring_read(&ring, tmp, 30000));
	pr_info("crc %08x\n", crc32_le(~0, tmp, 30000));
	pr_info("crc be %08x\n", crc32_be(~0, tmp, 1000));
	pr_info("write %d\n", ring_write(&ring, tmp, 30001));
	pr_info("left %lu\n", CIRC_CNT(ring.head, ring.tail, RING));
	for (i = 0; i < RING; i += PAGE_SIZE) {
		struct page *pg = vmalloc_to_page(ring.buf + i);
		char *k = kmap_local_page(pg);

		pages += !memcmp(k, ring.buf + i, PAGE_SIZE);
		kunmap_local(k);
	}
	pr_info("pages equal %lu is_vmalloc %d %d\n", pages, is_vmalloc_addr(ring.buf), is_vmalloc_addr(&ring));
	kvfree(tmp);

	for (i = 0; i < 20; i++)
		if (!kfifo_put(&small, i * i))
			pr_info("full at %d\n", i);
	pr_info("len %u avail %u\n", kfifo_len(&small), kfifo_avail(&small));
	while (kfifo_get(&small, &v))
		pr_cont("%d ", v);
	pr_cont("\n");
	ret = kfifo_alloc(&big, 100, GFP_KERNEL);
	pr_info("kfifo_alloc %d size %u\n", ret, kfifo_size(&big));
	if (ret)
		goto nomem2;
	for (i = 0; i < 8; i++)
		out[i] = i * 1000;
	for (i = 0; i < 5; i++)
		pr_info("in %u\n", kfifo_in(&big, out, sizeof(out)));
	memset(out, 0, sizeof(out));
	ret = kfifo_out_peek(&big, out, 12);
	pr_info("peek %d %d %d %d\n", ret, out[0], out[1], out[2]);
	ret = kfifo_out(&big, out, sizeof(out));
	pr_info("out %d last %d len %u\n", ret, out[7], kfifo_len(&big));
	kfifo_reset(&big);
	pr_info("empty %d\n", kfifo_is_empty(&big));
	kfifo_free(&big);
	return 0;
nomem:
	kvfree(tmp);
nomem2:
	vfree(ring.buf);
	return -ENOMEM;
}

static void __exit ring_exit(void)
{
	vfree(ring.buf);
}

module_init(ring_init);
module_exit(ring_exit);
MODULE_LICENSE("GPL");
