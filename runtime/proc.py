"""The files of /proc that are about memory and modules, as text.

Linux: mm/vmstat.c, mm/slab_common.c, fs/proc/meminfo.c, kernel/module/procfs.c, 6.1
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

from runtime.devices.misc import proc_misc
from runtime.devices.numbers import proc_devices
from runtime.loader.module import COMING, GOING, LIVE
from runtime.mm import proc_mem, slabinfo

if TYPE_CHECKING:
    from runtime.kernel import Kernel

_STATES = {LIVE: "Live", COMING: "Loading", GOING: "Unloading"}


def modules(k: "Kernel") -> str:
    """NAME SIZE REFCOUNT USERS STATE ADDRESS (TAINT), the newest first."""
    lines = []
    for module in reversed(k.modules.loaded.values()):
        size = module.layout.core.size + (module.layout.init.size if module.init_base else 0)
        permanent = ["[permanent]"] if module.init and not module.exit else []
        users = "".join(f"{user}," for user in [*reversed(module.users), *permanent]) or "-"
        flags = k.modules.marks(module)
        head = f"{module.name} {size} {k.modules.refcount(module) - 1} {users}"
        lines.append(f"{head} {_STATES[module.state]} {module.core_base:#x}{flags and ' ' + flags}\n")
    return "".join(lines)


PROC: "dict[str, Callable[[Kernel], str]]" = {
    "buddyinfo": lambda k: proc_mem.buddyinfo(k.pages),
    "pagetypeinfo": lambda k: proc_mem.pagetypeinfo(k.pages),
    "zoneinfo": lambda k: proc_mem.zoneinfo(k.pages),
    "meminfo": lambda k: proc_mem.meminfo(k.pages, k.vmalloc, k.percpu),
    "slabinfo": lambda k: slabinfo.slabinfo(k.slab),
    "vmallocinfo": lambda k: k.vmalloc.proc_text(),
    "modules": modules,
    "misc": proc_misc,
    "devices": proc_devices,
}
