"""Numbers of character devices: who has which major and minors.

Linux: fs/char_dev.c, 6.1
"""

from errno import EBUSY, EINVAL
from typing import TYPE_CHECKING

from runtime.devices.boot_names import REGIONS
from runtime.undo import Undo

if TYPE_CHECKING:
    from runtime.kernel import Kernel

MINOR_BITS = 20
MINORS = 1 << MINOR_BITS
_MAJORS = 512
_TABLE = 255  # the kernel's hash table of majors has so many places
_FIRST_CHOICE = range(254, 233, -1)  # majors that are handed out, where their place in the table is empty
_SECOND_CHOICE = range(511, 383, -1)
_BLOCK = "259 blkext\n"

Region = tuple[int, int, int, str]
"""(major, first minor, how many, name)"""


class Numbers:
    """taken: the regions, of the kernel's and of modules."""

    def __init__(self, undo: Undo) -> None:
        self.taken: list[Region] = undo.list(REGIONS)

    def dynamic_major(self) -> int:
        """A major that nobody has; -EBUSY."""
        places = {major % _TABLE for major, *_ in self.taken}
        majors = {major for major, *_ in self.taken}
        free = [major for major in _FIRST_CHOICE if major not in places]
        free = free or [major for major in _SECOND_CHOICE if major not in majors]
        return free[0] if free else -EBUSY

    def is_free(self, major: int, first: int, count: int) -> bool:
        """Does nobody have any of these minors?"""
        return not any(
            major == other and start < first + count and start + many > first for other, start, many, _ in self.taken
        )

    def release(self, major: int, first: int, count: int) -> Region | None:
        """Give back exactly what was taken. Return: None where nobody has taken that."""
        for region in self.taken:
            if region[:3] == (major, first, count):
                self.taken.remove(region)
                return region
        return None


def proc_devices(k: "Kernel") -> str:
    """/proc/devices: majors and who has them."""
    lines = [f"{major:3} {name}\n" for major, _, _, name in sorted(k.devices.numbers.taken)]
    return f"Character devices:\n{''.join(lines)}\nBlock devices:\n{_BLOCK}"


def take(k: "Kernel", major: int, first: int, count: int, name: str) -> int:
    """Take minors of a major; 0: of one that is free. Return: the major; -EINVAL; -EBUSY."""
    numbers = k.devices.numbers
    if major >= _MAJORS:
        what = f"major requested ({major}) is greater than the maximum ({_MAJORS - 1})"
        k.printk(3, f'CHRDEV "{name}" {what}')
        return -EINVAL
    if count > MINORS - first:
        limits = f"({first}-{first + count - 1}) is out of range of maximum range (0-{MINORS - 1})"
        k.printk(3, f'CHRDEV "{name}" minor range requested {limits} for a single major')
        return -EINVAL
    if not major:
        major = numbers.dynamic_major()
        if major < 0:
            k.printk(3, f'CHRDEV "{name}" dynamic allocation region is full')
            return major
    if not numbers.is_free(major, first, count):
        return -EBUSY
    numbers.taken.append((major, first, count, name[:63]))
    return major
