"""Uninitialised memory: a scenario is run again with other contents of what nobody has defined, at the same addresses,
with the same seed and time. Where it does something else, it has used what it has not written.

Compared are the blocks that run, the arguments of kernel calls, and what leaves the kernel: never what lies in memory
at the end.
"""

from runtime.uninit.search import uninitialised
from runtime.uninit.stack import stack_is_zeroed

__all__ = ["stack_is_zeroed", "uninitialised"]
