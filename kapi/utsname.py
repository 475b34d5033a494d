"""utsname.h, kernel.h: who the kernel is, and how far it has come.

Linux: init/version-timestamp.c, init/main.c, 6.1
"""

from kapi.registry import export_data
from runtime.kernel import Kernel

_VERSION = "#1 SMP PREEMPT_DYNAMIC Debian 6.1.192-2 (2026-11-16)"


@export_data("uts_namespace")
def init_uts_ns(k: Kernel, at: int) -> None:
    """The names that uname prints."""
    k.mem.fill(at, k.abi.sizeof("uts_namespace"), 0)
    release = k.abi.kernel.split()[0]
    names = {
        "sysname": "Linux", "nodename": "(none)", "release": release, "version": _VERSION,
        "machine": "x86_64", "domainname": "(none)",
    }  # fmt: skip
    base = at + k.abi.offset("uts_namespace", "name")
    for member, text in names.items():
        k.mem.write(base + k.abi.offset("new_utsname", member), text.encode()[:64] + b"\0")


@export_data(4, align=4)
def system_state(k: Kernel, at: int) -> None:
    k.mem.put32(at, k.abi.const["SYSTEM_RUNNING"])
