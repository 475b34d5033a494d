"""Places in the kernel's source that speak up: for the functions that kmodrun has of its own, as Linux names them.

All were read from logs of the real kernel (tests/data/oops); offsets and lines are those of Debian's
linux-image-6.1.0-56-amd64 (6.1.192-2). In a message, each {} is an argument of warn() or bug(): already text where
Linux prints %p (hashed), %s or %pS, a number otherwise.
"""

from runtime.oops.health import EMERG, ERR, WARNING

Warning = tuple[str, str, int, bool, int, str]
"""(function+offset/size, file, line, once per boot?, level of the message, message or "")"""

WARNINGS: dict[str, Warning] = {
    # pages
    "alloc_pages_order": ("__alloc_pages+0x2a9/0x330", "mm/page_alloc.c", 5634, True, WARNING, ""),
    "alloc_pages_nofail_order": ("get_page_from_freelist+0x1c2/0x11b0", "mm/page_alloc.c", 3891, True, WARNING, ""),
    "alloc_pages_atomic_direct": (
        "__alloc_pages_slowpath.constprop.0+0xccc/0xe70", "mm/page_alloc.c", 5118, True, WARNING, "",
    ),
    "alloc_pages_nofail_atomic": (
        "__alloc_pages_slowpath.constprop.0+0xceb/0xe70", "mm/page_alloc.c", 5367, True, WARNING, "",
    ),
    "alloc_pages_exact_comp": ("alloc_pages_exact+0x6a/0x80", "mm/page_alloc.c", 5930, True, WARNING, ""),
    # slab
    "cache_from_obj": (
        "cache_from_obj+0xa1/0x120", "mm/slab.h", 665, False, WARNING,
        "cache_from_obj: Wrong slab cache. {} but object is from {}",
    ),
    "virt_to_cache": (
        "cache_from_obj+0xe0/0x120", "mm/slab.h", 630, True, WARNING, "virt_to_cache: Object is not a Slab page!",
    ),
    "kmem_cache_destroy": (
        "kmem_cache_destroy+0x141/0x150", "mm/slab_common.c", 493, False, WARNING,
        "kmem_cache_destroy {}: Slab cache still has objects when called from {}",
    ),
    "kmem_cache_useroffset": ("kmem_cache_create_usercopy+0x22d/0x2e0", "mm/slab_common.c", 320, False, WARNING, ""),
    "kmem_cache_usersize": ("kmem_cache_create_usercopy+0x72/0x2e0", "mm/slab_common.c", 321, False, WARNING, ""),
    "free_large_kmalloc": ("free_large_kmalloc+0x3c/0x70", "mm/slab_common.c", 904, True, WARNING, ""),
    "ksize_not_slab": ("__ksize+0x103/0x130", "mm/slab_common.c", 1014, False, WARNING, ""),
    "slab_zero_ctor": ("___slab_alloc+0x365/0x990", "mm/slub.c", 2001, True, WARNING, ""),
    # vmalloc, kvmalloc, percpu
    "vfree_bad_address": (
        "__vunmap+0x31a/0x340", "mm/vmalloc.c", 2752, False, WARNING, "Trying to vfree() bad address ({})",
    ),
    "vfree_nonexistent": (
        "__vunmap+0x7e/0x340", "mm/vmalloc.c", 2758, False, ERR, "Trying to vfree() nonexistent vm area ({})",
    ),
    "vmalloc_size": ("__vmalloc_node_range+0x806/0x880", "mm/vmalloc.c", 3227, True, WARNING, ""),
    "kvmalloc_size": ("kvmalloc_node+0xc0/0xd0", "mm/util.c", 596, True, WARNING, ""),
    "pcpu_alloc": (
        "pcpu_alloc+0x7e0/0x830", "mm/percpu.c", 1758, False, WARNING,
        "illegal size ({}) or align ({}) for percpu allocation",
    ),
    # reference counts
    "refcount_inc_saturated": (
        "refcount_warn_saturate+0x74/0x110", "lib/refcount.c", 19, True, WARNING,
        "refcount_t: saturated; leaking memory.",
    ),
    "refcount_add_saturated": (
        "refcount_warn_saturate+0x51/0x110", "lib/refcount.c", 22, True, WARNING,
        "refcount_t: saturated; leaking memory.",
    ),
    "refcount_add_zero": (
        "refcount_warn_saturate+0x97/0x110", "lib/refcount.c", 25, True, WARNING,
        "refcount_t: addition on 0; use-after-free.",
    ),
    "refcount_underflow": (
        "refcount_warn_saturate+0xba/0x110", "lib/refcount.c", 28, True, WARNING,
        "refcount_t: underflow; use-after-free.",
    ),
    "refcount_dec_zero": (
        "refcount_warn_saturate+0xfb/0x110", "lib/refcount.c", 31, True, WARNING,
        "refcount_t: decrement hit 0; leaking memory.",
    ),
    "refcount_dec_not_one": (
        "refcount_dec_not_one+0x48/0x50", "lib/refcount.c", 87, True, WARNING, "refcount_t: underflow; use-after-free.",
    ),
    "module_put": ("module_put+0x8b/0x90", "kernel/module/main.c", 857, False, WARNING, ""),
    "rcu_context_switch": (
        "rcu_note_context_switch+0x4ee/0x650", "kernel/rcu/tree_plugin.h", 320, True, WARNING,
        "Voluntary context switch within RCU read-side critical section!",
    ),
    # devices
    "misc_deregister": ("misc_deregister+0x92/0xa0", "drivers/char/misc.c", 247, False, WARNING, ""),
    "kobject_empty_name": (
        "kobject_add_internal+0x241/0x260", "lib/kobject.c", 210, False, WARNING,
        "kobject: ({}): attempted to be registered with empty name!",
    ),
    "kobject_put_uninitialised": (
        "kobject_put+0xbd/0x1d0", "lib/kobject.c", 726, False, WARNING,
        "kobject: '{}' ({}): is not initialized, yet kobject_put() is being called.",
    ),
    "proc_taken": (
        "proc_register+0x19f/0x240", "fs/proc/generic.c", 400, False, WARNING,
        "proc_dir_entry '{}/{}' already registered",
    ),
    "proc_no_directory": ("__xlate_proc_name+0x86/0xa0", "fs/proc/generic.c", 175, False, WARNING, "name '{}'"),
    "proc_name_length": ("__proc_create+0x22e/0x280", "fs/proc/generic.c", 429, False, WARNING, "name len {}"),
    "proc_dot": ("__proc_create+0x25d/0x280", "fs/proc/generic.c", 433, False, WARNING, "name '.'"),
    "proc_dots": ("__proc_create+0xbe/0x280", "fs/proc/generic.c", 437, False, WARNING, "name '..'"),
    "proc_number": (
        "__proc_create+0x248/0x280", "fs/proc/generic.c", 441, False, WARNING, "create '/proc/{}' by hand",
    ),
    "proc_missing": ("remove_proc_entry+0x140/0x1b0", "fs/proc/generic.c", 734, False, WARNING, "name '{}'"),
    "proc_not_empty": (
        "remove_proc_entry+0x19f/0x1b0", "fs/proc/generic.c", 740, False, WARNING,
        "remove_proc_entry: removing non-empty directory '{}/{}', leaking at least '{}'",
    ),
    # arrays by number
    "xa_store_advanced": ("__xa_store+0x10c/0x120", "lib/xarray.c", 1548, True, WARNING, ""),
    "xa_cmpxchg_advanced": ("__xa_cmpxchg+0x78/0x140", "lib/xarray.c", 1614, True, WARNING, ""),
    "xa_insert_advanced": ("__xa_insert+0x101/0x120", "lib/xarray.c", 1651, True, WARNING, ""),
    "xa_alloc_advanced": ("__xa_alloc+0x126/0x150", "lib/xarray.c", 1833, True, WARNING, ""),
    "xa_alloc_untracked": ("__xa_alloc+0x12f/0x150", "lib/xarray.c", 1835, True, WARNING, ""),
    "idr_alloc_negative": ("idr_alloc+0x57/0x70", "lib/idr.c", 86, True, WARNING, ""),
    "idr_alloc_uninitialised": ("idr_alloc_u32+0xe3/0x100", "lib/idr.c", 41, True, WARNING, ""),
    "ida_free": (
        "ida_free+0xe2/0x140", "lib/idr.c", 527, False, WARNING, "ida_free called for id={} which is not allocated.",
    ),
    # printf
    "vsprintf_unsupported": (
        "format_decode+0x441/0x540", "lib/vsprintf.c", 2661, True, WARNING,
        "Please remove unsupported %{} in format string",
    ),
    "strscpy_size": ("strscpy+0xd7/0x110", "lib/string.c", 181, True, WARNING, ""),
    "vsprintf_width": ("set_field_width+0x71/0x80", "lib/vsprintf.c", 2693, True, WARNING, "field width {} too large"),
    "vsprintf_rust": (
        "pointer+0x5ad/0x630", "lib/vsprintf.c", 2466, True, WARNING, "Please remove %pA from non-Rust code",
    ),
    "vsprintf_precision": ("set_precision+0x56/0x60", "lib/vsprintf.c", 2702, True, WARNING, "precision {} too large"),
    "vsnprintf_size": ("vsnprintf+0x4ad/0x550", "lib/vsprintf.c", 2743, True, WARNING, ""),
    # calls into modules, user memory
    "initcall": ("do_one_initcall+0x1d7/0x220", "init/main.c", 1284, False, WARNING, "initcall {} returned with {}"),
    "copy_overflow": (
        "__copy_overflow+0x16/0x30", "mm/maccess.c", 228, False, WARNING, "Buffer overflow detected ({} < {})!",
    ),
    "uaccess_gp": (
        "ex_handler_uaccess+0x71/0x80", "arch/x86/mm/extable.c", 135, True, WARNING,
        "General protection fault in user access. Non-canonical address?",
    ),
    "ucopy_gp": (
        "fixup_exception+0x1d7/0x310", "arch/x86/mm/extable.c", 142, True, WARNING,
        "General protection fault in user access. Non-canonical address?",
    ),
}  # fmt: skip

REFCOUNT = (
    "refcount_inc_saturated",
    "refcount_add_saturated",
    "refcount_add_zero",
    "refcount_underflow",
    "refcount_dec_zero",
)
"""Sites of refcount_warn_saturate(), by its second argument (enum refcount_saturation_type)."""

Bug = tuple[str, str, int, int, str]
"""(function+offset/size, file, line, level of what it says before, that text or "")"""

BUGS: dict[str, Bug] = {
    "list_add_prev_null": (
        "__list_add_valid.cold+0xc/0x5b", "lib/list_debug.c", 23, ERR, "list_add corruption. prev is NULL.",
    ),
    "list_add_next_null": (
        "__list_add_valid.cold+0x59/0x5b", "lib/list_debug.c", 25, ERR, "list_add corruption. next is NULL.",
    ),
    "list_add_next_prev": (
        "__list_add_valid.cold+0x4b/0x5b", "lib/list_debug.c", 27, ERR,
        "list_add corruption. next->prev should be prev ({:016x}), but was {:016x}. (next={:016x}).",
    ),
    "list_add_prev_next": (
        "__list_add_valid.cold+0x3a/0x5b", "lib/list_debug.c", 30, ERR,
        "list_add corruption. prev->next should be next ({:016x}), but was {:016x}. (prev={:016x}).",
    ),
    "list_add_double": (
        "__list_add_valid.cold+0x23/0x5b", "lib/list_debug.c", 33, ERR,
        "list_add double add: new={:016x}, prev={:016x}, next={:016x}.",
    ),
    "list_del_next_null": (
        "__list_del_entry_valid.cold+0xf/0x6f", "lib/list_debug.c", 49, ERR,
        "list_del corruption, {:016x}->next is NULL",
    ),
    "list_del_prev_null": (
        "__list_del_entry_valid.cold+0x6d/0x6f", "lib/list_debug.c", 51, ERR,
        "list_del corruption, {:016x}->prev is NULL",
    ),
    "list_del_poison1": (
        "__list_del_entry_valid.cold+0x5c/0x6f", "lib/list_debug.c", 53, ERR,
        "list_del corruption, {:016x}->next is LIST_POISON1 ({:016x})",
    ),
    "list_del_poison2": (
        "__list_del_entry_valid.cold+0x4b/0x6f", "lib/list_debug.c", 56, ERR,
        "list_del corruption, {:016x}->prev is LIST_POISON2 ({:016x})",
    ),
    "list_del_prev_next": (
        "__list_del_entry_valid.cold+0x37/0x6f", "lib/list_debug.c", 59, ERR,
        "list_del corruption. prev->next should be {:016x}, but was {:016x}. (prev={:016x})",
    ),
    "list_del_next_prev": (
        "__list_del_entry_valid.cold+0x23/0x6f", "lib/list_debug.c", 62, ERR,
        "list_del corruption. next->prev should be {:016x}, but was {:016x}. (next={:016x})",
    ),
    "fortify_panic": ("fortify_panic+0xf/0x11", "lib/string_helpers.c", 1027, EMERG, "detected buffer overflow in {}"),
    "kmem_cache_double_free": ("kmem_cache_free+0x2f7/0x310", "mm/slub.c", 419, WARNING, ""),
    "vmalloc_in_interrupt": ("__get_vm_area_node+0x138/0x150", "mm/vmalloc.c", 2554, WARNING, ""),
    "vunmap_in_interrupt": ("vunmap+0x32/0x40", "mm/vmalloc.c", 2878, WARNING, ""),
    "strlcat": ("strlcat+0x73/0x80", "lib/string.c", 337, WARNING, ""),
    "slab_double_free": ("__kmem_cache_free+0x284/0x2a0", "mm/slub.c", 419, WARNING, ""),
    "vfree_in_nmi": ("vfree+0x78/0xa0", "mm/vmalloc.c", 2854, WARNING, ""),
}  # fmt: skip

FAULTS: dict[str, str] = {
    "kfree": "kfree+0x4b/0x110",
    "ksize": "__ksize+0x43/0x130",
    "__ksize": "__ksize+0x43/0x130",
    "strlen": "strlen+0x0/0x20",
    "__free_pages": "__free_pages+0xe/0xd0",
    "free_pages": "__free_pages+0xe/0xd0",
    "free_percpu": "free_percpu+0x285/0x3a0",
    "kmem_cache_alloc": "kmem_cache_alloc+0x1f/0x300",
    "kmem_cache_create": "strlen+0x0/0x20",
    "kmem_cache_create_usercopy": "strlen+0x0/0x20",
    "kmem_cache_free": "cache_from_obj+0x82/0x120",
    "_printk": "string+0x48/0xe0",
    "strcpy": "strcpy+0x5/0x20", "strncpy": "strncpy+0xe/0x30", "strlcpy": "strlcpy+0x0/0x60",
    "strscpy": "strscpy+0x5c/0x110", "strcat": "strcat+0x16/0x30", "strncat": "strncat+0x23/0x50",
    "strlcat": "strlcat+0x0/0x80", "strcmp": "strcmp+0x10/0x30", "strncmp": "strncmp+0x1a/0x30",
    "strcasecmp": "strcasecmp+0x17/0x50", "strncasecmp": "strncasecmp+0x2d/0xb0", "strnlen": "strnlen+0x17/0x40",
    "strchr": "strchr+0x0/0x30", "strrchr": "strrchr+0x2/0x20", "memcmp": "memcmp+0x2/0x50",
    "memchr": "memchr+0x9/0x30", "memchr_inv": "memchr_inv+0xa7/0xf0", "strsep": "strsep+0x8/0x70",
    "strstr": "strstr+0x20/0x80", "strspn": "strspn+0x0/0x60", "strcspn": "strcspn+0x0/0x60",
    "strpbrk": "strpbrk+0x0/0x60", "strim": "strlen+0x0/0x20", "skip_spaces": "skip_spaces+0x0/0x30",
    "sysfs_streq": "sysfs_streq+0x0/0x80", "kstrtoint": "kstrtoll+0x18/0x90", "kstrtoll": "kstrtoll+0x18/0x90",
    "kstrtoull": "kstrtoull+0x2/0x10", "kstrtouint": "kstrtoull+0x2/0x10", "kstrtobool": "kstrtobool+0x5/0xa0",
    "simple_strtoul": "_parse_integer_limit+0x3c/0xa0", "sscanf": "vsscanf+0x10e/0x7e0",
}  # fmt: skip
"""Where exported functions of the kernel fault when their argument is a bad pointer: what stands behind RIP."""

LOCKED = frozenset(("free_percpu",))
INTERRUPTS_OFF = LOCKED | {"_printk", "vprintk"}
"""Functions that read what their arguments point to with interrupts off; LOCKED: with a spinlock held besides."""

BY_PLACE = {(row[1], row[2]): name for name, row in WARNINGS.items()}
"""(file, line) -> the name of the site there, for those who know their place in Linux's source."""
