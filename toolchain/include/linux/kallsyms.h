/* Linux: include/linux/kallsyms.h */
#pragma once
#include <abi/kallsyms.h> /* KSYM_* */
#include <linux/kernel.h>
int sprint_symbol(char *buffer, unsigned long address);
int sprint_symbol_no_offset(char *buffer, unsigned long address);
