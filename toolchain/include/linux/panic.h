/* Linux: include/linux/panic.h */
#pragma once
#include <abi/panic.h> /* TAINT_* */
__noreturn __cold __printf(1, 2) void panic(const char *format, ...);
void add_taint(unsigned flag, int lockdep_ok);
