"""python -m kapi: write index.txt, after a kernel function was added, renamed or moved."""

from kapi.lazy import INDEX, fresh_index

INDEX.write_text(fresh_index())
