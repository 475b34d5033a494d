/* Linux: include/uapi/linux/in.h */
#pragma once
#include <abi/in.h> /* AF_INET AF_INET6 */
#include <linux/types.h>

struct in_addr {
	__be32 s_addr;
};

struct sockaddr_in {
	unsigned short sin_family;
	__be16 sin_port;
	struct in_addr sin_addr;
	unsigned char __pad[8];
};
