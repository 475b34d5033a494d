"""The names of flags that %pG prints, in the order in which they are tried: sets of bits before their members.

Linux: include/trace/events/mmflags.h, 6.1. The values are in the ABI file.
"""

GFP = (
    "GFP_TRANSHUGE", "GFP_TRANSHUGE_LIGHT", "GFP_HIGHUSER_MOVABLE", "GFP_HIGHUSER", "GFP_USER", "GFP_KERNEL_ACCOUNT",
    "GFP_KERNEL", "GFP_NOFS", "GFP_ATOMIC", "GFP_NOIO", "GFP_NOWAIT", "GFP_DMA", "__GFP_HIGHMEM", "GFP_DMA32",
    "__GFP_HIGH", "__GFP_ATOMIC", "__GFP_IO", "__GFP_FS", "__GFP_NOWARN", "__GFP_RETRY_MAYFAIL", "__GFP_NOFAIL",
    "__GFP_NORETRY", "__GFP_COMP", "__GFP_ZERO", "__GFP_NOMEMALLOC", "__GFP_MEMALLOC", "__GFP_HARDWALL",
    "__GFP_THISNODE", "__GFP_RECLAIMABLE", "__GFP_MOVABLE", "__GFP_ACCOUNT", "__GFP_WRITE", "__GFP_RECLAIM",
    "__GFP_DIRECT_RECLAIM", "__GFP_KSWAPD_RECLAIM", "__GFP_ZEROTAGS", )  # fmt: skip

_PAGE = (
    "locked waiters error referenced uptodate dirty lru active workingset slab owner_priv_1 arch_1 reserved private "
    "private_2 writeback head mappedtodisk reclaim swapbacked unevictable mlocked uncached hwpoison arch_2"
)
_VMA = (
    "READ WRITE EXEC SHARED MAYREAD MAYWRITE MAYEXEC MAYSHARE GROWSDOWN UFFD_MISSING UFFD_MINOR PFNMAP UFFD_WP "
    "LOCKED IO SEQ_READ RAND_READ DONTCOPY DONTEXPAND LOCKONFAULT ACCOUNT NORESERVE HUGETLB SYNC PAT WIPEONFORK "
    "DONTDUMP SOFTDIRTY MIXEDMAP HUGEPAGE NOHUGEPAGE MERGEABLE"
)
_LESS = {"SEQ_READ": "seqread", "RAND_READ": "randread"}

PAGE = tuple(("PG_" + name, name) for name in _PAGE.split())
VMA = tuple(("VM_" + name, _LESS.get(name, name.lower())) for name in _VMA.split())

# (prefix of the macros, name, base)
PAGE_FIELDS = (
    ("SECTIONS", "section", 10),
    ("NODES", "node", 10),
    ("ZONES", "zone", 10),
    ("LAST_CPUPID", "lastcpupid", 16),
    ("KASAN_TAG", "kasantag", 16),
)
