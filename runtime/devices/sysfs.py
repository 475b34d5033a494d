"""The names in sysfs: which exist, and what the kernel says of one that is taken.

Linux: fs/sysfs/dir.c, lib/kobject.c, 6.1
"""

from errno import EEXIST
from typing import TYPE_CHECKING

from runtime.undo import Undo, del_key, pop_key, put_key

if TYPE_CHECKING:
    from runtime.kernel import Kernel


class Sysfs:
    """Paths of directories and links, as the kernel's messages write them: below /sys.

    boot: those that exist on a machine that has just booted, and stay.
    """

    def __init__(self, undo: Undo, boot: frozenset[str] = frozenset()) -> None:
        self.boot, self._noted = boot, undo.noted
        self.made: dict[str, bool] = undo.dict()

    def add(self, paths: tuple[str, ...]) -> str:
        """Make names, or none of them. Return: the first that is taken, "" where none is."""
        made, boot = self.made, self.boot
        for path in paths:
            if path in made or path in boot:
                return path
        for path in paths:
            put_key(made, path, True)
            self._noted((del_key, made, path))
        return ""

    def remove(self, paths: tuple[str, ...]) -> None:
        """Remove names; one that is not there is left alone."""
        made = self.made
        for path in paths:
            if pop_key(made, path, None):
                self._noted((put_key, made, path, True))


def create(k: "Kernel", name: str, *paths: str) -> int:
    """Make the directory of a kobject, whose path comes first, and links to it. Return: 0; -EEXIST.

    Where one of them is taken none is made, and the log has a warning and a stack.
    """
    taken = k.devices.sysfs.add(paths)
    if not taken:
        return 0
    k.printk(4, f"sysfs: cannot create duplicate filename '{taken}'")
    k.trouble.dump_stack()
    k.check.finding("bad-argument", f"{taken} exists already in sysfs")
    if taken == paths[0]:
        advice = "don't try to register things with the same name in the same directory."
        k.printk(3, f"kobject_add_internal failed for {name} with -EEXIST, {advice}")
    return -EEXIST
