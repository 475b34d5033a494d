/* EXPORT_SYMBOL: an entry of the module's __ksymtab, three displacements: value, name, namespace. Linux: include/linux/export.h */
#pragma once

extern struct module __this_module;
#define THIS_MODULE (&__this_module)

#define abi_export(symbol, table, space) \
	extern __typeof__(symbol) symbol; \
	__asm__(".pushsection \"__ksymtab_strings\", \"aMS\", @progbits, 1\n" \
		"__kstrtab_" #symbol ": .asciz \"" #symbol "\"\n" \
		"__kstrtabns_" #symbol ": .asciz \"" space "\"\n" \
		".popsection\n" \
		".pushsection \"__ksymtab" table "\", \"a\"\n" \
		".balign 4\n" \
		"__ksymtab_" #symbol ": .long " #symbol " - .\n" \
		".long __kstrtab_" #symbol " - .\n" \
		".long __kstrtabns_" #symbol " - .\n" \
		".popsection\n")
#define EXPORT_SYMBOL(symbol) abi_export(symbol, "", "")
#define EXPORT_SYMBOL_GPL(symbol) abi_export(symbol, "_gpl", "")
#define EXPORT_SYMBOL_NS(symbol, space) abi_export(symbol, "", #space)
#define EXPORT_SYMBOL_NS_GPL(symbol, space) abi_export(symbol, "_gpl", #space)
