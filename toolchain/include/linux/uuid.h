/* Linux: include/linux/uuid.h */
#pragma once
#include <linux/string.h>

typedef struct {
	__u8 b[16];
} uuid_t, guid_t;

/* A guid has its first three fields in little-endian order, a uuid in big-endian order. */
#define GUID_INIT(a, b, c, d0, d1, d2, d3, d4, d5, d6, d7) \
	((guid_t){{(a) & 0xff, ((a) >> 8) & 0xff, ((a) >> 16) & 0xff, ((a) >> 24) & 0xff, (b) & 0xff, ((b) >> 8) & 0xff, \
		   (c) & 0xff, ((c) >> 8) & 0xff, (d0), (d1), (d2), (d3), (d4), (d5), (d6), (d7)}})
#define UUID_INIT(a, b, c, d0, d1, d2, d3, d4, d5, d6, d7) \
	((uuid_t){{((a) >> 24) & 0xff, ((a) >> 16) & 0xff, ((a) >> 8) & 0xff, (a) & 0xff, ((b) >> 8) & 0xff, (b) & 0xff, \
		   ((c) >> 8) & 0xff, (c) & 0xff, (d0), (d1), (d2), (d3), (d4), (d5), (d6), (d7)}})
#define UUID_SIZE 16
#define UUID_STRING_LEN 36
void generate_random_uuid(unsigned char uuid[16]);
void guid_gen(guid_t *guid);
void uuid_gen(uuid_t *uuid);
int uuid_parse(const char *text, uuid_t *uuid);
int guid_parse(const char *text, guid_t *guid);

static inline bool uuid_equal(const uuid_t *a, const uuid_t *b)
{
	return memcmp(a, b, sizeof(*a)) == 0;
}
