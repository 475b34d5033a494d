"""The progress bar of a sweep, on stderr."""

import os
import sys
from typing import Any


class Progress:
    """Called with the scenarios that are done, all of them, and the findings so far; shows nothing unless wanted.

    wanted: None where nobody has said: on a terminal only.
    """

    def __init__(self, wanted: bool | None) -> None:
        self.bar: Any = None
        self.wanted = sys.stderr.isatty() if wanted is None else wanted

    def __enter__(self) -> "Progress":
        if self.wanted:
            import tqdm
            tqdm.tqdm.monitor_interval = 0  # no thread of its own: worker processes are forked
            known = sys.stderr.isatty() and os.get_terminal_size(sys.stderr.fileno()).columns
            size = {"dynamic_ncols": True} if known else {"ncols": 80, "nrows": 24}  # of a terminal that does not say
            self.bar = tqdm.tqdm(unit=" scenarios", miniters=1, **size)
        return self

    def __exit__(self, *_: object) -> None:
        if self.bar is not None:
            self.bar.close()

    def __call__(self, done: int, total: int, findings: int) -> None:
        """Move the bar, which draws itself ten times a second at most."""
        if self.bar is not None:
            self.bar.total = total
            self.bar.set_postfix_str(f"findings: {findings}", refresh=False)
            self.bar.update(done - self.bar.n)
