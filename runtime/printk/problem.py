"""Pointers that are not followed: what stands in their place.

Linux: lib/vsprintf.c, check_pointer(), error_string(), 6.1
"""

from collections.abc import Callable
from typing import Any

from runtime.printk.number import Spec, text
from runtime.units import PAGE_SIZE, Virt

FIRST_ERROR = (1 << 64) - 4095  # the lowest pointer that is an error number

_LENGTH = 16


def problem(pointer: Virt) -> bytes | None:
    """`(null)`, `(efault)`, or None for a pointer that the kernel follows."""
    if PAGE_SIZE <= pointer < FIRST_ERROR:
        return None
    return b"(efault)" if pointer else b"(null)"


def said(message: bytes, spec: Spec) -> bytes:
    """A message in place of a value: cut to the precision, or to the length of a pointer, and padded."""
    return text(message, spec if spec.precision >= 0 else spec._replace(precision=_LENGTH))


def checked(convert: Callable[[Any, Virt, Spec, bytes], bytes]) -> Callable[[Any, Virt, Spec, bytes], bytes]:
    """Let a converter see good pointers only."""

    def convert_checked(printer: Any, pointer: Virt, spec: Spec, letters: bytes) -> bytes:
        wrong = problem(pointer)
        return said(wrong, spec) if wrong else convert(printer, pointer, spec, letters)

    return convert_checked
