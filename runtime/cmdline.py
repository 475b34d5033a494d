"""The kernel command line: `slub_debug=FZPU slub_nomerge init_on_alloc=0`.

Linux: kernel/params.c, next_arg(); Documentation/admin-guide/kernel-parameters.txt, 6.1
"""

from runtime.errors import Usage

KNOWN = frozenset(
    [
        *("slub_debug", "slub_nomerge", "slab_nomerge", "slub_merge", "slab_merge", "init_on_alloc", "init_on_free"),
        *("no_hash_pointers", "log_buf_len", "oops", "panic_on_warn"),
        *("loglevel", "quiet", "debug"),  # what the console shows: the log is the same
    ]
)


class Cmdline(dict[str, str]):
    """name -> value, "" for a bare name.

    Raises: Usage for a parameter that changes nothing here: it would be silently ignored.
    """

    def __init__(self, text: str) -> None:
        super().__init__()
        for word in text.split():
            name, _, value = word.partition("=")
            if name.replace("-", "_") not in KNOWN:
                raise Usage(f"kernel parameter {name} is not known here (known: {', '.join(sorted(KNOWN))})")
            self[name.replace("-", "_")] = value
