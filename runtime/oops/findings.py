"""Events as findings: the kind, and one sentence for whoever wrote the module.

The report in the log says what Linux says; a finding says what the bug is. Each function gives (kind, message).
"""

from runtime.arch import x86_64 as arch
from runtime.oops import decode, pointers, sites
from runtime.oops.event import Event
from runtime.units import PAGE_SIZE, Virt

Finding = tuple[str, str]
"""(kind, message)"""

_EXCEPTIONS = {
    arch.DIVIDE_ERROR: ("divide-error", "division by zero, or a quotient that does not fit"),
    arch.BREAKPOINT: ("panic", "int3 without a debugger"),
    arch.INVALID_OPCODE: ("bug", "invalid opcode"),
    arch.DOUBLE_FAULT: ("panic", "double fault"),
}

_SITES = {
    "alloc_pages_order": "bad-argument",
    "alloc_pages_nofail_order": "bad-argument",
    "alloc_pages_atomic_direct": "bad-argument",
    "alloc_pages_nofail_atomic": "bad-argument",
    "alloc_pages_exact_comp": "bad-argument",
    "cache_from_obj": "mismatched-free",
    "virt_to_cache": "invalid-free",
    "kmem_cache_destroy": "leak",
    "kmem_cache_useroffset": "bad-argument",
    "kmem_cache_usersize": "bad-argument",
    "free_large_kmalloc": "invalid-free",
    "ksize_not_slab": "bad-argument",
    "slab_zero_ctor": "bad-argument",
    "vfree_bad_address": "invalid-free",
    "vfree_nonexistent": "invalid-free",
    "vmalloc_size": "bad-argument",
    "kvmalloc_size": "bad-argument",
    "pcpu_alloc": "bad-argument",
    **dict.fromkeys((name for name in sites.WARNINGS if name.startswith("proc_")), "bad-argument"),
    "misc_deregister": "bad-argument",
    "kobject_put_uninitialised": "bad-argument",
    "rcu_context_switch": "sleep-in-atomic",
    "kobject_empty_name": "bad-argument",
    "initcall": "atomic-imbalance",
    "copy_overflow": "out-of-bounds",
    "uaccess_gp": "bad-argument",
    "ucopy_gp": "bad-argument",
    "fortify_panic": "out-of-bounds",
    "slab_double_free": "double-free",
    "kmem_cache_double_free": "double-free",
    "strlcat": "bad-argument",
    **dict.fromkeys((*sites.REFCOUNT, "refcount_dec_not_one", "module_put"), "refcount"),
}
_SILENT = {
    "alloc_pages_order": "order above MAX_ORDER - 1: more than 4 MiB at once",
    "alloc_pages_nofail_order": "__GFP_NOFAIL with an order above 1",
    "alloc_pages_atomic_direct": "__GFP_ATOMIC with __GFP_DIRECT_RECLAIM",
    "alloc_pages_nofail_atomic": "__GFP_NOFAIL in a context that cannot reclaim",
    "alloc_pages_exact_comp": "alloc_pages_exact() with __GFP_COMP or __GFP_HIGHMEM",
    "kmem_cache_useroffset": "a user copy region with an offset and no size",
    "kmem_cache_usersize": "a user copy region that lies outside the object",
    "free_large_kmalloc": "kfree() of a page that kmalloc() did not give, or that is free already",
    "ksize_not_slab": "ksize() or krealloc() of memory that kmalloc() did not give",
    "slab_zero_ctor": "__GFP_ZERO for a cache with a constructor",
    "vmalloc_size": "vmalloc() of 0 bytes",
    "kvmalloc_size": "kvmalloc() of more than INT_MAX bytes",
    "slab_double_free": "the object is free already",
    "vfree_in_nmi": "vfree() in an NMI",
    "kmem_cache_double_free": "the object is free already",
    "vmalloc_in_interrupt": "vmalloc() in interrupt context",
    "vunmap_in_interrupt": "vunmap() in interrupt context",
    "strlcat": "strlcat() to a string that is not shorter than the size given for it",
    "vsnprintf_size": "printf into a buffer of more than INT_MAX bytes",
    "strscpy_size": "strscpy() into a buffer of more than INT_MAX bytes",
    "module_put": "module_put() of a module that nobody holds",
    "kobject_put_uninitialised": "cdev_del() of what cdev_init() has not seen",
    "proc_dot": "an entry of /proc called '.'",
    "proc_dots": "an entry of /proc called '..'",
    "misc_deregister": "misc_deregister() of a device that is not registered",
    "rcu_context_switch": "sleeps in an RCU reader",
    "kobject_empty_name": "a device with an empty name",
    "xa_store_advanced": "xa_store() of an internal entry",
    "xa_cmpxchg_advanced": "xa_cmpxchg() of an internal entry",
    "xa_insert_advanced": "xa_insert() of an internal entry",
    "xa_alloc_advanced": "xa_alloc() of an internal entry",
    "xa_alloc_untracked": "xa_alloc() from an array without XA_FLAGS_ALLOC",
    "idr_alloc_negative": "idr_alloc() from a start below 0",
    "idr_alloc_uninitialised": "an idr that idr_init() has not seen",
}


def page_fault(event: Event, place: str = "") -> Finding:
    """place: what the books know of the address (`freed by ...`); it stands in for what its value tells."""
    address, error = event.address, event.error
    low, end = event.stack
    if end and low - PAGE_SIZE <= address < low:
        return stack_overflow(event)
    fetch = error & arch.PF_INSTR
    what = place or pointers.describe(address, None if fetch else _base(event))
    if fetch:
        done = "call of" if not error & arch.PF_PROT else "execution of data at"
    else:
        done = "write to" if error & arch.PF_WRITE else "read of"
        done += " protected memory at" if error & arch.PF_PROT else ""
    return "null-deref" if address < PAGE_SIZE and what.startswith("NULL") else "page-fault", f"{done} {what}"


def _base(event: Event) -> int | None:
    """The pointer behind the access, where its value says more than the address."""
    return decode.base(event) if event.address < PAGE_SIZE or pointers.is_error(event.address) else None


def general_protection(event: Event, operand: Virt | None = None) -> Finding:
    """A non-canonical pointer, most often a poison. operand: it, where no instruction names it."""
    if operand is not None:
        return "general-protection", f"access to {pointers.describe(operand)}"
    found = decode.operand_address(event)
    if found is not None:
        return "general-protection", f"access to {pointers.describe(found[0], decode.base(event))}"
    if not arch.canonical(event.rip):
        return "general-protection", f"call of {pointers.describe(event.rip)}"
    return "general-protection", "an instruction that is not allowed here"


def exception(event: Event, vector: int) -> Finding:
    """Any other exception."""
    return _EXCEPTIONS.get(vector, ("bug", f"exception {vector}"))


def stack_overflow(event: Event) -> Finding:
    """The guard page below the stack was hit."""
    low, end = event.stack
    return "stack-overflow", f"the kernel stack of {end - low >> 10} KiB is used up"


def stack_smash(caller: str) -> Finding:
    """caller: the function whose canary was overwritten."""
    return "stack-smash", f"{caller} wrote past a variable on its stack"


def panic(reason: str) -> Finding:
    """panic() by the module itself."""
    return "panic", reason


def bug(file: str, line: int, is_warning: bool, text: str = "") -> Finding:
    """BUG() or WARN() in the module; text: what the WARN itself says, or ""."""
    if not is_warning:
        return "bug", f"BUG at {file}:{line}"
    return "warn", f"WARN at {file}:{line}" + (f": {text}" if text else "")


def site(name: str, *args: object) -> Finding:
    """WARN() or BUG() in a kernel function (sites.WARNINGS, sites.BUGS), with the arguments of its message."""
    row: tuple[object, ...] = sites.WARNINGS.get(name) or sites.BUGS[name]
    text = _SILENT.get(name) or str(row[-1]).format(*args)
    return kind(name), text.rstrip(" .")


def kind(name: str) -> str:
    """The kind of finding that a WARN() or BUG() in a kernel function is."""
    return _SITES.get(name, "warn" if name in sites.WARNINGS else "bug")


def scheduling_while_atomic(preempt: int) -> Finding:
    """schedule() with preempt levels of preemption off (schedule()'s own one counted)."""
    return "sleep-in-atomic", f"sleeps with preempt_count {preempt - 1}: with a spinlock held, or preemption disabled"
