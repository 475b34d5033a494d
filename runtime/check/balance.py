"""What a module's init or exit still holds when it returns: locks, and RCU readers that it has not ended.

A lock is taken and given back by the same task, and a task that leaves the kernel may hold none: so what is still held
then is a mistake, whoever wanted to unlock it later. Semaphores have no owner, and are not looked at.

Linux: kernel/locking/lockdep.c, lockdep_sys_exit(), 6.1
"""

from typing import TYPE_CHECKING

from runtime.units import Virt

if TYPE_CHECKING:
    from runtime.kernel import Kernel

_SPINNING = ("spinlock", "rwlock")


def report_held(k: "Kernel", who: str, function: Virt, wrong: list[str]) -> None:
    """Report what is held, and forget it. who: the function that has returned, in words. wrong: what else is not as it
    was: `preemption off`.
    """
    held = sorted(k.resources.locks.items())
    if wrong:
        spinning = [(lock, taken) for lock, taken in held if taken[0] in _SPINNING]
        held = [each for each in held if each not in spinning]
        message = f"{who} returned with {' and '.join(wrong)}"
        if spinning:
            lock, (what, stack) = spinning[0]
            _report(k, f"{message}: the {what} at {lock:#x} is still held", function, lock, stack)
        else:
            _report(k, message, function)
    for lock, (what, stack) in held:
        _report(k, f"{who} returned with the {what} at {lock:#x} held", function, lock, stack)
    if k.cpu.readers:
        _report(k, f"{who} returned in an RCU reader: rcu_read_unlock() is missing", function)
    k.resources.locks.clear()


def _report(k: "Kernel", message: str, function: Virt, lock: Virt = 0, by: tuple[int, ...] = ()) -> None:
    k.check.finding("atomic-imbalance", message, at=(), pc=function, address=lock, allocated=by)
