"""What the allocators say: no memory, a page in a bad state, a slab that does not add up.

%p and %pG are printed by the caller: hashed pointers and flags arrive as text.
Linux: mm/page_alloc.c, warn_alloc(), bad_page(); mm/slub.c, slab_out_of_memory(), slab_bug(); mm/slab_common.c, 6.1
"""

from runtime.oops import pieces, taint
from runtime.oops.event import Event
from runtime.oops.health import ALERT, ERR, WARNING, Health, Line


def alloc_failure(health: Health, event: Event, what: str, gfp: int, gfp_text: str, mem_info: list[Line]) -> list[Line]:
    """An allocation failed. what: `page allocation failure: order:3`, or vmalloc's `vmalloc error: size 8192, ...`.

    Linux says so for one failure in 10 seconds, and never for __GFP_NOWARN. mem_info: meminfo.mem_info().
    """
    where = "nodemask=(null),cpuset=/,mems_allowed=0"
    head = f"{event.comm}: {what}, mode:{gfp:#x}({gfp_text}), {where}"
    return [(WARNING, head), *pieces.dump_stack(health, event), *mem_info]


def slab_out_of_memory(
    gfp: int,
    gfp_text: str,
    cache: str,
    sizes: tuple[int, int],
    orders: tuple[int, int],
    nodes: list[tuple[int, int, int, int]],
) -> list[Line]:
    """A cache cannot grow.

    sizes: of the object, and with its metadata; orders: default, least; nodes: (nid, slabs, objects, free objects).
    """
    lines = [
        f"SLUB: Unable to allocate memory on node -1, gfp={gfp:#x}({gfp_text})",
        f"  cache: {cache}, object size: {sizes[0]}, buffer size: {sizes[1]}, "
        f"default order: {orders[0]}, min order: {orders[1]}",
    ]
    lines += [f"  node {nid}: slabs: {slabs}, objs: {objects}, free: {free}" for nid, slabs, objects, free in nodes]
    return [(WARNING, line) for line in lines]


def gfp_fixed_up(health: Health, event: Event, bad: tuple[int, str], fixed: tuple[int, str]) -> list[Line]:
    """A slab cache was asked for highmem or DMA32 memory. bad, fixed: (flags, their text), before and after.

    Linux: mm/slab_common.c, kmalloc_fix_flags(), 6.1
    """
    text = f"Unexpected gfp: {bad[0]:#x} ({bad[1]}). Fixing up to gfp: {fixed[0]:#x} ({fixed[1]}). Fix your code!"
    return [(WARNING, text), *pieces.dump_stack(health, event)]


def cache_create_failed(health: Health, event: Event, name: str, error: int) -> list[Line]:
    """kmem_cache_create() without SLAB_PANIC failed with -error."""
    text = f"kmem_cache_create_usercopy({name}) failed with error {-error}"
    return [(WARNING, text), *pieces.dump_stack(health, event)]


def percpu_failed(health: Health, event: Event, size: int, align: int, atomic: bool, reason: str) -> list[Line]:
    """alloc_percpu() found no memory. Linux says so ten times, and never in atomic context or with __GFP_NOWARN."""
    text = f"percpu: allocation failed, size={size} align={align} atomic={int(atomic)}, {reason}"
    return [(WARNING, text), *pieces.dump_stack(health, event)]


def bad_page(health: Health, event: Event, pfn: int, dump: list[str], reason: str) -> list[Line]:
    """A page was freed in a state that no free page has (`nonzero _refcount`). dump: page_dump(). Taints the kernel."""
    lines = [
        (ALERT, f"BUG: Bad page state in process {event.comm}  pfn:{pfn:05x}"),
        *((WARNING, line) for line in dump),
    ]
    lines += [
        (WARNING, f"page dumped because: {reason}"),
        *health.module_lines(event),
        *pieces.dump_stack(health, event),
    ]
    return lines + health.add_taint(taint.BAD_PAGE, lock_debugging=False)


def page_dump(
    page: str,
    mapping: str,
    counts: tuple[int, int],
    index: int,
    pfn: int,
    flags_text: str,
    words: list[int],
    type_text: str = "",
) -> list[str]:
    """struct page for a human. page, mapping: %p; counts: refcount, mapcount; flags_text: %pGp; words.

    Its eight words as they are.
    """
    raw = [f"{word:016x}" for word in words]
    place = f"index:{index:#x} pfn:{pfn:#x}"
    return [
        f"page:{page} refcount:{counts[0]} mapcount:{counts[1]} mapping:{mapping} {place}",
        f"{type_text}flags: {flags_text}",
        *(f"raw: {' '.join(raw[at : at + 4])}" for at in range(0, len(raw), 4)),
    ]


def slab_bug(health: Health, cache: str, text: str) -> list[Line]:
    """The head of each complaint about a slab: `BUG cache (Tainted: ...): text`."""
    rule = "=" * 77
    lines = [rule, *f"BUG {cache} ({taint.text(health.taint)}): {text}".split("\n"), "-" * 77, ""]
    return [(ERR, line) for line in lines]


def slab_error(health: Health, event: Event, cache: str, text: str, slab: str) -> list[Line]:
    """A slab that does not add up. slab: `Slab 0x... objects=85 used=1 fp=0x... flags=...`. Taints the kernel."""
    lines = [*slab_bug(health, cache, text), (ERR, slab), *pieces.dump_stack(health, event)]
    return lines + health.add_taint(taint.BAD_PAGE, lock_debugging=False)
