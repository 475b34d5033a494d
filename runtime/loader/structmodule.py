"""struct module in a module's image: what the kernel writes into it while loading, before init runs.

Not filled in: what only the kernel itself reads and we keep in Python (kallsyms, sysfs attributes, the tree nodes).
Linux: kernel/module/main.c, find_module_sections(), move_module(), module_unload_init(), 6.1
"""

import struct

from runtime.abi import Abi
from runtime.loader.layout import Part

THIS_MODULE = ".gnu.linkonce.this_module"

# section, member for its address, member for the number of entries, what an entry is: a structure or a number of bytes.
TABLES = (
    ("__param", "kp", "num_kp", "kernel_param"),
    ("__ksymtab", "syms", "num_syms", "kernel_symbol"),
    ("__kcrctab", "crcs", None, 4),
    ("__ksymtab_gpl", "gpl_syms", "num_gpl_syms", "kernel_symbol"),
    ("__kcrctab_gpl", "gpl_crcs", None, 4),
    (".noinstr.text", "noinstr_text_start", "noinstr_text_size", 1),
    ("__tracepoints_ptrs", "tracepoints_ptrs", "num_tracepoints", 4),
    ("___srcu_struct_ptrs", "srcu_struct_ptrs", "num_srcu_structs", 8),
    ("__jump_table", "jump_entries", "num_jump_entries", "jump_entry"),
    ("_ftrace_events", "trace_events", "num_trace_events", 8),
    ("_ftrace_eval_map", "trace_evals", "num_trace_evals", 8),
    ("__trace_printk_fmt", "trace_bprintk_fmt_start", "num_trace_bprintk_fmt", 8),
    ("__mcount_loc", "ftrace_callsites", "num_ftrace_callsites", 8),
    (".kprobes.text", "kprobes_text_start", "kprobes_text_size", 1),
    ("_kprobe_blacklist", "kprobe_blacklist", "num_kprobe_blacklist", 8),
    (".static_call_sites", "static_call_sites", "num_static_call_sites", "static_call_site"),
    ("__ex_table", "extable", "num_exentries", "exception_table_entry"),
    ("__bug_table", "bug_table", "num_bugs", "bug_entry"),
    (".orc_unwind_ip", "arch.orc_unwind_ip", "arch.num_orcs", 4),
    (".orc_unwind", "arch.orc_unwind", None, "orc_entry"),
)


class StructModule:
    """The bytes of struct module inside an image. at: their offset there; virt: their address in the guest."""

    def __init__(self, image: bytearray, at: int, virt: int, abi: Abi) -> None:
        self.image, self.at, self.virt, self._abi = image, at, virt, abi

    def put(self, member: str, value: int, size: int = 8) -> None:
        """Store an unsigned number of size bytes."""
        start = self.at + self._abi.offset("module", member)
        self.image[start : start + size] = value.to_bytes(size, "little")

    def get(self, member: str, size: int = 8) -> int:
        """Read an unsigned number of size bytes."""
        start = self.at + self._abi.offset("module", member)
        return int.from_bytes(self.image[start : start + size], "little")

    def name(self) -> str:
        """The name that kbuild put there."""
        start = self.at + self._abi.offset("module", "name")
        return str(self.image[start : start + 56].partition(b"\0")[0], "utf-8", "backslashreplace")

    def put_sections(self, sections: dict[str, tuple[int, int]]) -> None:
        """Enter the tables: sections is name -> (virt, bytes), of those that take memory."""
        for name, member, count, entry in TABLES:
            if name in sections:
                virt, size = sections[name]
                self.put(member, virt)
                if count is not None:
                    self.put(count, size // (self._abi.sizeof(entry) if isinstance(entry, str) else entry), 4)

    def put_part(self, member: str, base: int, part: Part) -> None:
        """Enter core_layout or init_layout."""
        self.put(f"{member}.base", base)
        for field in ("size", "text_size", "ro_size", "ro_after_init_size"):
            self.put(f"{member}.{field}", getattr(part, field), 4)

    def put_list(self, member: str) -> None:
        """Make an empty list: both pointers lead to itself."""
        head = self.virt + self._abi.offset("module", member)
        start = self.at + self._abi.offset("module", member)
        struct.pack_into("<QQ", self.image, start, head, head)
