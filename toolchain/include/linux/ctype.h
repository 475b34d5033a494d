/* Linux: include/linux/ctype.h */
#pragma once
#include <linux/types.h>
extern const unsigned char _ctype[];
#define abi_is(c, kinds) ((_ctype[(int)(unsigned char)(c)] & (kinds)) != 0)
#define isalnum(c) abi_is(c, 0x07)
#define isalpha(c) abi_is(c, 0x03)
#define iscntrl(c) abi_is(c, 0x08)
#define isgraph(c) abi_is(c, 0x17)
#define islower(c) abi_is(c, 0x02)
#define isprint(c) abi_is(c, 0x97)
#define ispunct(c) abi_is(c, 0x10)
#define isspace(c) abi_is(c, 0x20)
#define isupper(c) abi_is(c, 0x01)
#define isxdigit(c) abi_is(c, 0x44)
#define isdigit(c) ((c) >= '0' && (c) <= '9')
#define isascii(c) (((unsigned char)(c)) <= 0x7f)
#define tolower(c) (isupper(c) ? (unsigned char)((c) + ('a' - 'A')) : (unsigned char)(c))
#define toupper(c) (islower(c) ? (unsigned char)((c) - ('a' - 'A')) : (unsigned char)(c))
