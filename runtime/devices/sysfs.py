"""The names in sysfs: which exist, and what the kernel says of one that is taken.

Linux: fs/sysfs/dir.c, lib/kobject.c, 6.1
"""

from errno import EEXIST
from typing import TYPE_CHECKING

from runtime.undo import Undo

if TYPE_CHECKING:
    from runtime.kernel import Kernel


class Sysfs:
    """Paths of directories and links, as the kernel's messages write them: below /sys.

    boot: those that exist on a machine that has just booted, and stay.
    """

    def __init__(self, undo: Undo, boot: frozenset[str] = frozenset()) -> None:
        self.boot = boot
        self.made: dict[str, bool] = undo.dict()

    def __contains__(self, path: str) -> bool:
        return path in self.made or path in self.boot

    def remove(self, path: str) -> None:
        """Remove a name; one that is not there is left alone."""
        self.made.pop(path, None)


def create(k: "Kernel", path: str) -> int:
    """Make a name. Return: 0; -EEXIST with a warning and a stack in the log where it is taken."""
    sysfs = k.devices.sysfs
    if path not in sysfs:
        sysfs.made[path] = True
        return 0
    k.printk(4, f"sysfs: cannot create duplicate filename '{path}'")
    k.trouble.dump_stack()
    k.check.finding("bad-argument", f"{path} exists already in sysfs")
    return -EEXIST


def create_directory(k: "Kernel", parent: str, name: str) -> int:
    """Make the directory of a kobject. Return: 0; -EINVAL without a name; -EEXIST, which is said twice."""
    error = create(k, f"{parent}/{name}")
    if error:
        advice = "don't try to register things with the same name in the same directory."
        k.printk(3, f"kobject_add_internal failed for {name} with -EEXIST, {advice}")
    return error
