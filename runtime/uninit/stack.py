"""Does the compiler zero stack variables? Then nothing on the stack is ever uninitialised. DWARF tells."""

import struct

from runtime.loader.dies import Dies
from runtime.loader.elf import Elf

_AT_PRODUCER = 0x25
_OPTION, _ZERO = "-ftrivial-auto-var-init=", "zero"


def stack_is_zeroed(module: bytes) -> bool:
    """Was all of a module's C compiled with -ftrivial-auto-var-init=zero? False also where it does not say."""
    try:
        dies = Dies(Elf(module))
        units = [unit for unit in dies.units() if _AT_PRODUCER in unit.top.values]
        said = [dies.name(unit, unit.top.values[_AT_PRODUCER]) for unit in units]
    except (IndexError, KeyError, ValueError, OSError, struct.error):
        return False
    compiled = [text for text in said if " AS " not in text]
    return bool(compiled) and all(text.rpartition(_OPTION)[2].split(" ")[0] == _ZERO for text in compiled)
