"""The release that modules are built for: headers get newer ones, the answers written down by a real kernel stay."""

import re

from runtime.abi import load
from runtime.arch import x86_64 as arch
from runtime.insmod import VERMAGIC


def as_built_for_ours(module: bytes) -> bytes:
    """The module, as if it had been built with the headers of the kernel that kmodrun says it is."""
    built = re.search(rb"vermagic=[^\0]*", module)
    assert built is not None
    ours = VERMAGIC.format(release=load(arch.ABI).kernel.split()[0])
    assert len(f"vermagic={ours}") <= len(built[0]), "what is behind it would move"
    return module.replace(built[0], f"vermagic={ours}".encode().ljust(len(built[0]), b"\0"))
