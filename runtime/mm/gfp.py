"""gfp flags: what they allow, which zone they ask for, and how Linux prints them.

Linux: include/linux/gfp.h, gfp_zone(), gfp_migratetype(); include/trace/events/mmflags.h, show_gfp_flags(), 6.1
"""

from typing import Any

_REMEMBERED = 1024  # sets of flags
# The order in which %pGg tries them: a name is printed when all of its bits are still there.
_NAMES = [
    "GFP_TRANSHUGE",
    "GFP_TRANSHUGE_LIGHT",
    "GFP_HIGHUSER_MOVABLE",
    "GFP_HIGHUSER",
    "GFP_USER",
    "GFP_KERNEL_ACCOUNT",
    "GFP_KERNEL",
    "GFP_NOFS",
    "GFP_ATOMIC",
    "GFP_NOIO",
    "GFP_NOWAIT",
    "GFP_DMA",
    "__GFP_HIGHMEM",
    "GFP_DMA32",
    "__GFP_HIGH",
    "__GFP_ATOMIC",
    "__GFP_IO",
    "__GFP_FS",
    "__GFP_NOWARN",
    "__GFP_RETRY_MAYFAIL",
    "__GFP_NOFAIL",
    "__GFP_NORETRY",
    "__GFP_COMP",
    "__GFP_ZERO",
    "__GFP_NOMEMALLOC",
    "__GFP_MEMALLOC",
    "__GFP_HARDWALL",
    "__GFP_THISNODE",
    "__GFP_RECLAIMABLE",
    "__GFP_MOVABLE",
    "__GFP_ACCOUNT",
    "__GFP_WRITE",
    "__GFP_RECLAIM",
    "__GFP_DIRECT_RECLAIM",
    "__GFP_KSWAPD_RECLAIM",
    "__GFP_ZEROTAGS",
]


class Gfp:
    """The flags of one ABI, as plain ints."""

    def __init__(self, abi: Any) -> None:
        const = abi.const
        self.names = [(const[name], name) for name in _NAMES if const.get(name)]
        self.DIRECT_RECLAIM: int = const["__GFP_DIRECT_RECLAIM"]
        self.KSWAPD_RECLAIM: int = const["__GFP_KSWAPD_RECLAIM"]
        self.RECLAIM: int = self.DIRECT_RECLAIM | self.KSWAPD_RECLAIM
        self.ZERO: int = const["__GFP_ZERO"]
        self.HIGH: int = const["__GFP_HIGH"]
        self.ATOMIC: int = const["__GFP_ATOMIC"]
        self.NOWARN: int = const["__GFP_NOWARN"]
        self.NORETRY: int = const["__GFP_NORETRY"]
        self.NOFAIL: int = const["__GFP_NOFAIL"]
        self.RETRY_MAYFAIL: int = const["__GFP_RETRY_MAYFAIL"]
        self.COMP: int = const["__GFP_COMP"]
        self.MEMALLOC: int = const["__GFP_MEMALLOC"]
        self.NOMEMALLOC: int = const["__GFP_NOMEMALLOC"]
        self.THISNODE: int = const["__GFP_THISNODE"]
        self.MOVABLE: int = const["__GFP_MOVABLE"]
        self.RECLAIMABLE: int = const["__GFP_RECLAIMABLE"]
        self.ACCOUNT: int = const["__GFP_ACCOUNT"]
        self.DMA: int = const["__GFP_DMA"]
        self.DMA32: int = const["__GFP_DMA32"]
        self.HIGHMEM: int = const["__GFP_HIGHMEM"]
        self.IO: int = const["__GFP_IO"]
        self.FS: int = const["__GFP_FS"]
        self.KERNEL: int = const["GFP_KERNEL"]
        self.NOWAIT: int = const["GFP_NOWAIT"]
        self.USER: int = const["GFP_USER"]
        self.ZONEMASK: int = self.DMA | self.DMA32 | self.HIGHMEM | self.MOVABLE
        self.BITS_MASK: int = const["__GFP_BITS_MASK"]
        table, shift = const["GFP_ZONE_TABLE"], const["GFP_ZONES_SHIFT"]
        self.zone_of: list[int] = [table >> bits * shift & (1 << shift) - 1 for bits in range(16)]
        self.mobility_shift: int = self.MOVABLE.bit_length() - 1  # __GFP_MOVABLE is MIGRATE_MOVABLE (1) up here
        self.mobility_mask: int = self.MOVABLE | self.RECLAIMABLE

    def zone_index(self, gfp: int) -> int:
        """The highest zone that the flags allow."""
        return self.zone_of[gfp & self.ZONEMASK]

    def migratetype(self, gfp: int) -> int:
        """MIGRATE_UNMOVABLE, _MOVABLE or _RECLAIMABLE."""
        return (gfp & self.mobility_mask) >> self.mobility_shift

    def may_sleep(self, gfp: int) -> bool:
        """May an allocation with these flags wait for memory?"""
        return gfp & self.DIRECT_RECLAIM != 0

    def text(self, gfp: int) -> str:
        """The flags as `%pGg` prints them: `GFP_KERNEL|__GFP_ZERO`; bits without a name in hexadecimal."""
        words, left = [], gfp
        for mask, name in self.names:
            if left & mask == mask:
                words.append(name)
                left &= ~mask
        if left:
            words.append(f"{left:#x}")
        return "|".join(words)


class Asked(dict[int, tuple[int, int, bool]]):
    """gfp -> what it asks for: (migrate type, the highest zone that will do, is it one node only)."""

    def __init__(self, gfp: Gfp) -> None:
        super().__init__()
        self.gfp = gfp

    def __missing__(self, flags: int) -> tuple[int, int, bool]:
        gfp = self.gfp
        if len(self) >= _REMEMBERED:
            self.clear()
        self[flags] = asked = (
            (flags & gfp.mobility_mask) >> gfp.mobility_shift, gfp.zone_of[flags & gfp.ZONEMASK],
            flags & gfp.THISNODE != 0,
        )  # fmt: skip
        return asked
