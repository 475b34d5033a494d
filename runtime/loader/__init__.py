"""From the bytes of a .ko file to an image in the module area: ELF, relocations, modinfo, parameters, unwinding, lines.

Nothing here touches guest memory or the log by itself: what Linux would log, allocate or write goes through a Host
(host.py).
"""
