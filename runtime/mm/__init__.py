"""Guest memory as the kernel hands it out: pages, slab objects, vmalloc areas, per-CPU memory.

Pure Python over guest RAM.
"""
