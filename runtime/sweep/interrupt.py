"""Ctrl-C while sweeps run: what is known is kept.

An exception may not be raised wherever the signal comes: at the beginning of a function that native code calls it
would be lost. So the sweep is asked to end after the scenario that it is at; only if that takes long, it is forced to.
"""

import os
import signal
import threading
from typing import Any

PATIENCE = 1.0  # seconds in which a scenario comes to an end


class Stop:
    """While entered, signal `number` asks for an end: check() then raises KeyboardInterrupt; at once: the signal does.

    Where it is ignored, or somebody else handles it, this does nothing. Children take no notice: their parent tells.
    """

    def __init__(self, number: signal.Signals = signal.SIGINT, at_once: bool = False) -> None:
        self.wanted, self._number, self._at_once = False, number, at_once
        self._owner = os.getpid()
        self._before: dict[int, Any] = {}

    def __enter__(self) -> "Stop":
        ours = signal.getsignal(self._number) in (signal.default_int_handler, signal.SIG_DFL)
        if ours and threading.current_thread() is threading.main_thread():
            self._before = {number: signal.signal(number, handler) for number, handler in (
                (self._number, self._ask), (signal.SIGALRM, self._force))}  # fmt: skip
        return self

    def __exit__(self, *_: object) -> None:
        if self._before:
            signal.setitimer(signal.ITIMER_REAL, 0)
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def check(self) -> None:
        """Nothing is half done now."""
        if self.wanted:
            raise KeyboardInterrupt

    def _ask(self, *_: Any) -> None:
        if os.getpid() != self._owner:
            return
        again, self.wanted = self.wanted, True
        if self._at_once or again:
            raise KeyboardInterrupt
        signal.setitimer(signal.ITIMER_REAL, PATIENCE, PATIENCE)

    def _force(self, *_: Any) -> None:
        if os.getpid() == self._owner:
            raise KeyboardInterrupt
