"""Taint: the bits that say what the kernel has been through, and how they are written.

Linux: kernel/panic.c, taint_flags[] and print_tainted(); kernel/module/main.c, module_flags(), 6.1
"""

from functools import lru_cache

PROPRIETARY_MODULE, FORCED_MODULE, CPU_OUT_OF_SPEC, FORCED_RMMOD, MACHINE_CHECK, BAD_PAGE, USER, DIE = range(8)
OVERRIDDEN_ACPI_TABLE, WARN, CRAP, FIRMWARE_WORKAROUND, OOT_MODULE, UNSIGNED_MODULE, SOFTLOCKUP, LIVEPATCH = range(
    8, 16
)
AUX, RANDSTRUCT, TEST = range(16, 19)

LETTERS = "PFSRMBUDAWCIOELKXTN"
_OF_MODULES = (PROPRIETARY_MODULE, FORCED_MODULE, CRAP, OOT_MODULE, UNSIGNED_MODULE, LIVEPATCH, AUX, RANDSTRUCT, TEST)

COMING, LIVE, GOING = "+", "", "-"
"""A module's state, as print_modules() marks it."""


@lru_cache
def text(mask: int) -> str:
    """`Tainted: G           OE     `, as reports head it; `Not tainted` for 0."""
    if not mask:
        return "Not tainted"
    marks = (
        letter if mask >> bit & 1 else "G" if bit == PROPRIETARY_MODULE else " " for bit, letter in enumerate(LETTERS)
    )
    return "Tainted: " + "".join(marks)


@lru_cache
def module_flags(mask: int, state: str = LIVE) -> str:
    """`(OE+)`: what a module brought in and its state; empty for a live module without taint."""
    letters = "".join(LETTERS[bit] for bit in _OF_MODULES if mask >> bit & 1)
    return f"({letters}{state})" if letters or state else ""
