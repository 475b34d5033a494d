"""thread_info.h, fortify-string.h: what compiled-in checks of sizes say.

Linux: mm/maccess.c, lib/string_helpers.c, 6.1
"""

from kapi.registry import export
from runtime.c import int_, unsigned_long
from runtime.kernel import Kernel


@export
def __copy_overflow(k: Kernel, size: int_, count: unsigned_long) -> None:
    """copy_from_user() or copy_to_user() of count bytes with a buffer of size: a WARN, and nothing is copied."""
    k.trouble.warn("copy_overflow", size, count)
