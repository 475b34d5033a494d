"""The final value of each symbol of a module: its own, the kernel's, another module's.

What Linux refuses is refused, with its log lines.

Linux: kernel/module/main.c, simplify_symbols(), resolve_symbol(), 6.1; kernel/module/version.c, check_version()
"""

from errno import EBUSY, EINVAL, ENOENT, ENOEXEC

from runtime.loader.elf import SHN_ABS, SHN_COMMON, SHN_LIVEPATCH, SHN_UNDEF, STB_WEAK, Symbol
from runtime.loader.host import Found, Host
from runtime.loader.modinfo import TAINT_FORCED_MODULE, TAINT_PROPRIETARY_MODULE, Modinfo
from runtime.loader.refused import KERN_ERR, KERN_WARNING, refused
from runtime.loader.relocations import signed

COMING, GOING = 1, 2  # MODULE_STATE_*: a module in one of them lends no symbol


class Linker:
    """Resolves the symbols of one module.

    early_name: the name in .modinfo, which some lines use. strict: treat a checksum that differs as Linux does; else it
    is counted in differing, and the symbol is used.
    After resolve(): uses = names of the modules whose symbols are used, gpl = a GPL-only symbol is used, taints = bits
    of the module.
    """

    def __init__(
        self, name: str, info: Modinfo, versions: dict[str, int] | None, host: Host, strict: bool, taints: int = 0
    ) -> None:
        self.name, self.info, self.versions, self.host, self.strict = name, info, versions, host, strict
        self.early_name = info.get("name") or name
        self.taints = taints
        self.uses: list[str] = []
        self.differing: list[str] = []
        self.imports: list[str] = []
        self.unknown: list[str] = []
        self.gpl = False

    def check_layout(self) -> None:
        """Compare the checksum of module_layout, which stands for all that loader and module share. Raises: Refused."""
        found = self.host.find("module_layout")
        if found is not None and not self._version_agrees("module_layout", found):
            release = self.info.release or "(unknown)"
            raise refused(f"built for Linux {release}, whose structures differ: checksum of module_layout")

    def resolve(self, symbols: list[Symbol], bases: dict[int, int]) -> list[int]:
        """Give the value of each symbol, signed. bases: section index -> virt, or the offset of the per-CPU section.

        Raises: Refused, with the errno that Linux gives, after all symbols have been tried.
        """
        values = [0]
        error = 0
        for symbol in symbols[1:]:
            name, value, _, bind, _, shndx = symbol
            if shndx in bases:
                values.append(signed(value + bases[shndx]))
                continue
            if shndx == SHN_UNDEF:
                virt, err = self._import(name, bind)
            else:
                virt, err = value, self._own_error(symbol, max(bases, default=0))
            values.append(signed(virt))
            error = err or error
        if error:
            raise refused(self._reason(), errno=error)
        return values

    def _reason(self) -> str:
        if self.unknown:
            return f"unknown symbol {', '.join(self.unknown)}"
        return "its symbol table is damaged"

    def _own_error(self, symbol: Symbol, last: int) -> int:
        """Judge a symbol that is neither imported nor in a section that takes memory. Return: 0 or an errno."""
        name, shndx = symbol[0], symbol[5]
        if shndx == SHN_COMMON and not name.startswith("__gnu_lto"):
            self.host.log(KERN_WARNING, f"{self.name}: please compile with -fno-common")
            return ENOEXEC
        if shndx in (SHN_ABS, SHN_LIVEPATCH, SHN_COMMON) or shndx <= last:
            return 0
        self.host.log(KERN_ERR, f"{self.name}: Symbol {name} has an invalid section index {shndx} (max {last})")
        return ENOEXEC

    def _import(self, name: str, bind: int) -> tuple[int, int]:
        """Give (virt, 0) or (0, errno) of an undefined symbol. A weak one that nobody has is 0."""
        self.imports.append(name)
        found = self.host.find(name)
        if found is not None and found.gpl and self.taints & TAINT_PROPRIETARY_MODULE:
            found = None
        if found is None:
            if bind == STB_WEAK or name == "_GLOBAL_OFFSET_TABLE_":
                return 0, 0
            error = ENOENT
        else:
            error = self._refusal(name, found)
            if not error:
                return found.virt, 0
        self.host.log(KERN_WARNING, f"{self.name}: Unknown symbol {name} (err {-error})")
        self.unknown.append(name)
        return 0, error

    def _refusal(self, name: str, found: Found) -> int:
        """Hold a symbol that exists against the rules of its exporter. Return: 0 or an errno."""
        self.gpl = self.gpl or found.gpl
        if not self._inherit_taint(name, found):
            return ENOENT
        if not self._version_agrees(name, found):
            return EINVAL
        if found.namespace and found.namespace not in self.info.all("import_ns"):
            text = f"{self.name}: module uses symbol ({name}) from namespace {found.namespace}, but does not import it."
            self.host.log(KERN_ERR, text)
            return EINVAL
        return self._use(found)

    def _use(self, found: Found) -> int:
        """Note that the exporting module is used. Return: 0, or an errno where it is not ready."""
        owner = found.owner
        if owner is None:
            return 0
        if owner.state == COMING:
            self.host.log(KERN_WARNING, f"{self.name}: gave up waiting for init of module {owner.name}.")
            return EBUSY
        if owner.state == GOING:
            return ENOENT
        if owner.name not in self.uses:
            self.uses.append(owner.name)
        return 0

    def _inherit_taint(self, name: str, found: Found) -> bool:
        owner = found.owner
        if owner is None or not owner.taints & TAINT_PROPRIETARY_MODULE:
            return True
        if self.gpl:
            text = f"module using GPL-only symbols uses symbols {name} from proprietary module {owner.name}."
            self.host.log(KERN_ERR, f"{self.name}: {text}")
            return False
        if not self.taints & TAINT_PROPRIETARY_MODULE:
            text = f"module uses symbols {name} from proprietary module {owner.name}, inheriting taint."
            self.host.log(KERN_WARNING, f"{self.name}: {text}")
            self.taints |= TAINT_PROPRIETARY_MODULE
        return True

    def _version_agrees(self, name: str, found: Found) -> bool:
        """Compare a symbol's checksum with the one that the module was built against."""
        if found.crc is None:
            return True
        if self.versions is None:
            return self.info.bundled or self.force(name)
        crc = self.versions.get(name)
        if crc == found.crc:
            return True
        if not self.strict:
            self.differing.append(name)
            return True
        what = "no symbol version for" if crc is None else "disagrees about version of symbol"
        self.host.log(KERN_WARNING, f"{self.early_name}: {what} {name}")
        return False

    def force(self, reason: str) -> bool:
        """Load the module in spite of what it lacks, as CONFIG_MODULE_FORCE_LOAD allows; that taints. Return: True."""
        if not self.host.taints() & TAINT_FORCED_MODULE:
            self.host.log(KERN_WARNING, f"{self.name}: {reason}: kernel tainted.")
        self.host.add_taint(TAINT_FORCED_MODULE)
        self.taints |= TAINT_FORCED_MODULE
        return True
