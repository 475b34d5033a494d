"""What each kind of finding means: for those who read a report without the manual at hand."""

from typing import NamedTuple


class Kind(NamedTuple):
    """title: a few words. meaning: what the module did wrong. advice: what to do about it. cwe: its number in the
    Common Weakness Enumeration, 0 where none fits.
    """

    title: str
    meaning: str
    advice: str
    cwe: int = 0


KINDS = {
    "leak": Kind(
        "Memory is never given back",
        "The module allocated memory and nothing that is still alive points to it: it is lost until the next boot.",
        "Free it on every path that leaves the function after the allocation, and in the exit function.", 401),
    "resource-leak": Kind(
        "Something registered is never taken back",
        "The module registered something with the kernel and has gone or failed to load without taking it back: the "
        "kernel will call into code that is not there any more.",
        "Undo each registration on every error path behind it, in reverse order, and in the exit function.", 772),
    "double-free": Kind(
        "Memory is freed twice",
        "The memory had been freed before. Whoever was given it in between loses it, and two owners write to it.",
        "Give each object one owner. Set the pointer to NULL after the free, or return right after it.", 415),
    "invalid-free": Kind(
        "What is freed was never allocated",
        "No allocation returned this address: it is inside of an object, on the stack, in static data, or garbage.",
        "Free exactly the pointer that the allocating function returned.", 763),
    "mismatched-free": Kind(
        "Memory is freed by the wrong function",
        "The memory came from one allocator and was given to another, or to another cache or with another order.",
        "Free with the function that belongs to the allocating one: kfree() to kmalloc(), vfree() to vmalloc().", 762),
    "use-after-free": Kind(
        "Freed memory is used",
        "The module read or wrote memory that it had freed: it may belong to somebody else by then.",
        "Free an object only when nobody can reach it any more: stop timers, work and readers first.", 416),
    "out-of-bounds": Kind(
        "An access beyond an object",
        "The module read or wrote beside the memory that it allocated, which belongs to others.",
        "Check the index or length against the size that was allocated.", 119),
    "uninitialized": Kind(
        "Memory is used that nobody has written",
        "What the module did depends on what happened to be in its memory before.",
        "Initialise it, or allocate it zeroed: kzalloc(), __GFP_ZERO.", 908),
    "info-leak": Kind(
        "Memory that nobody has written is handed out",
        "Bytes that were never initialised reach user space, the log or a device: they may hold secrets of the kernel.",
        "Clear the whole structure, its padding too, before it is filled in: memset() or kzalloc().", 200),
    "sleep-in-atomic": Kind(
        "A function that may sleep is called where sleeping is forbidden",
        "With a spinlock held, interrupts off or in an interrupt nothing may sleep: the machine can lock up.",
        "Use GFP_ATOMIC or call it before the lock is taken.", 833),
    "atomic-imbalance": Kind(
        "A lock or a section is not left",
        "A function returned with a lock held, or with preemption or interrupts off, that were not when it was called.",
        "Leave on every path what was entered: unlock before each return.", 667),
    "bad-argument": Kind(
        "A kernel function is called with an argument that it forbids",
        "The kernel's function does not check it, and does something undefined.",
        "See what the function's documentation asks for.", 628),
    "null-deref": Kind(
        "A NULL pointer is followed",
        "The module used a pointer that is NULL or an error: usually the result of a call that failed, unchecked.",
        "Check the result (for NULL, or with IS_ERR()) before it is used.", 476),
    "page-fault": Kind(
        "An access to memory that is not there",
        "The address is not mapped, or not for this kind of access. The kernel oopses.",
        "Look where the pointer comes from.", 119),
    "general-protection": Kind(
        "A pointer that is no address",
        "The address has a form that no address has: poison, or an object that was overwritten. The kernel oopses.",
        "Look who overwrote or freed what the pointer was read from.", 119),
    "divide-error": Kind(
        "A division by zero", "The processor cannot divide, and the kernel oopses.", "Check the divisor.", 369),
    "bug": Kind(
        "BUG() was reached", "The kernel found something that must never happen, and killed the task.",
        "See the condition at that line.", 617),
    "warn": Kind(
        "WARN() was reached", "The kernel found something that should not happen, and went on.",
        "See the condition at that line."),
    "stack-overflow": Kind(
        "The kernel stack is full", "A kernel stack has 16 KiB. The module used more, and hit the guard page.",
        "End the recursion, and put large arrays on the heap.", 674),
    "stack-smash": Kind(
        "The stack is overwritten", "A function wrote beyond an array on its stack, over its own return address.",
        "Check the length of what is copied to the array.", 121),
    "hang": Kind(
        "It does not end", "The code ran far longer than it may, or waits for what nobody will do.",
        "See what the loop waits for.", 835),
    "panic": Kind("The kernel panicked", "The kernel stopped for good.", "See the last lines of the log."),
    "refcount": Kind(
        "A reference count is wrong", "More or fewer references were given back than taken.",
        "Pair each get with one put.", 911),
}  # fmt: skip


def kind_of(name: str) -> Kind:
    """What is known of a kind; a name that is not in the table explains itself."""
    return KINDS.get(name) or Kind(name.replace("-", " ").capitalize(), "", "")
