"""kernel.h: printf into memory.

Linux: lib/vsprintf.c, lib/kasprintf.c, 6.1
"""

from typing import Annotated

from kapi.registry import export
from runtime.c import VaList, char_p, const_char_p, gfp_t, int_, pointer, size_t
from runtime.kernel import Kernel

va_list_p = Annotated[int, pointer("__va_list_tag")]
_INT_MAX = (1 << 31) - 1


@export
def snprintf(k: Kernel, buf: char_p, size: size_t, fmt: const_char_p, va: VaList) -> int_:
    """Write at most size bytes, the NUL among them. Return: the length that the whole text has, without the NUL."""
    return k.printf.vsnprintf(buf, size, fmt, va)


@export
def scnprintf(k: Kernel, buf: char_p, size: size_t, fmt: const_char_p, va: VaList) -> int_:
    """Write at most size bytes, the NUL among them. Return: the length of what was written, without the NUL."""
    return k.printf.vscnprintf(buf, size, fmt, va)


@export
def sprintf(k: Kernel, buf: char_p, fmt: const_char_p, va: VaList) -> int_:
    return k.printf.vsnprintf(buf, _INT_MAX, fmt, va)


@export
def vsnprintf(k: Kernel, buf: char_p, size: size_t, fmt: const_char_p, args: va_list_p) -> int_:
    arguments = k.printf.arguments(args)
    length = k.printf.vsnprintf(buf, size, fmt, arguments)
    arguments.store()
    return length


@export
def vscnprintf(k: Kernel, buf: char_p, size: size_t, fmt: const_char_p, args: va_list_p) -> int_:
    return min(vsnprintf(k, buf, size, fmt, args), size - 1) if size else 0


@export
def vsprintf(k: Kernel, buf: char_p, fmt: const_char_p, args: va_list_p) -> int_:
    return vsnprintf(k, buf, _INT_MAX, fmt, args)


def _allocated(k: Kernel, text: bytes, gfp: int) -> int:
    virt: int = k.slab.kmalloc(len(text) + 1, gfp)
    if virt:
        k.mem.write(virt, text + b"\0")
    return virt


@export
def kasprintf(k: Kernel, gfp: gfp_t, fmt: const_char_p, va: VaList) -> char_p:
    """Render into memory of the right size, which the caller frees with kfree(). Return: NULL on scarcity."""
    return _allocated(k, k.printf.print(fmt, va), gfp)


@export
def kvasprintf(k: Kernel, gfp: gfp_t, fmt: const_char_p, args: va_list_p) -> char_p:
    """kasprintf(); args is left as it was."""
    return _allocated(k, k.printf.print(fmt, k.printf.arguments(args)), gfp)
