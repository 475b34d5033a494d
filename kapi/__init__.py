"""The kernel's API in Python: one file per kernel header.

Every symbol is known from the start, and a file is imported when the first of its symbols is asked for: index.txt tells
which file that is. `python -m kapi` writes it anew.
"""

from kapi.lazy import Symbols, from_boot, provides
from kapi.registry import data as _data
from kapi.registry import functions as _functions
from kapi.registry import thunks as _thunks

__all__ = ["code", "data", "from_boot", "functions", "provides"]

functions = Symbols(_functions)
data = Symbols(_data)
code = Symbols(_thunks)
