/* Linux: include/linux/ioport.h */
#pragma once
#include <abi/ioport.h> /* UL: IORESOURCE_* */
#include <linux/types.h>

struct resource {
	resource_size_t start;
	resource_size_t end;
	const char *name;
	unsigned long flags;
	unsigned long desc;
	struct resource *parent, *sibling, *child;
};

#define DEFINE_RES_NAMED(first, bytes, its_name, its_flags) \
	{.start = (first), .end = (first) + (bytes) - 1, .name = (its_name), .flags = (its_flags)}
#define DEFINE_RES_IO_NAMED(first, bytes, name) DEFINE_RES_NAMED(first, bytes, name, IORESOURCE_IO)
#define DEFINE_RES_IO(first, bytes) DEFINE_RES_IO_NAMED(first, bytes, NULL)
#define DEFINE_RES_MEM_NAMED(first, bytes, name) DEFINE_RES_NAMED(first, bytes, name, IORESOURCE_MEM)
#define DEFINE_RES_MEM(first, bytes) DEFINE_RES_MEM_NAMED(first, bytes, NULL)
#define DEFINE_RES_IRQ_NAMED(irq, name) DEFINE_RES_NAMED(irq, 1, name, IORESOURCE_IRQ)
#define DEFINE_RES_IRQ(irq) DEFINE_RES_IRQ_NAMED(irq, NULL)
#define DEFINE_RES_DMA(channel) DEFINE_RES_NAMED(channel, 1, NULL, IORESOURCE_DMA)

static inline resource_size_t resource_size(const struct resource *resource)
{
	return resource->end - resource->start + 1;
}
