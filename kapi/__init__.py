"""The kernel's API in Python: one file per kernel header. Importing this room makes every symbol known; none is bound yet."""

from kapi import bug, find_bit, list_debug, paravirt, refcount, smp, spinlock, thunks
from kapi.registry import data, functions, thunks as code

__all__ = ["code", "data", "functions"]
