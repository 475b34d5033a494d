"""Loads a module in Linux's order: Loading() checks it, place() gives it addresses, finish() completes its image.

The caller (the machine) allocates between the steps, refuses a name that is taken, and writes the image to the guest.
Linux: kernel/module/main.c, load_module(), 6.1
"""

from runtime.abi import Abi
from runtime.loader import modinfo
from runtime.loader.elf import SHF_EXECINSTR, SHN_UNDEF, Elf, Section
from runtime.loader.exports import read_exports
from runtime.loader.extable import sort_extable
from runtime.loader.host import Host
from runtime.loader.kallsyms import Symbols
from runtime.loader.layout import Layout
from runtime.loader.link import Linker
from runtime.loader.loaded import COMING, GOING, LIVE, UNFORMED, LoadedModule
from runtime.loader.modinfo import Modinfo
from runtime.loader.refused import KERN_ERR, KERN_NOTICE, KERN_WARNING, linux
from runtime.loader.relocations import FROM_NEXT, RELATIVE, Target, relocate
from runtime.loader.structmodule import THIS_MODULE, StructModule
from runtime.loader.text_scan import TRAP, scan
from runtime.units import PAGE_SIZE

__all__ = ["COMING", "GOING", "LIVE", "UNFORMED", "LoadedModule", "Loading"]


class Loading:
    """A module on its way in. core, init: the bytes of its two parts, complete after finish()."""

    def __init__(self, data: bytes, host: Host, abi: Abi, vermagic: str, strict: bool = False) -> None:
        self.host, self.abi = host, abi
        signed = modinfo.is_signed(data)
        if isinstance(signed, str):
            host.log(KERN_ERR, signed)
        elf = Elf(data)
        info = Modinfo(elf)
        self.this = _this_module(elf, info)
        name = StructModule(bytearray(elf.bytes_of(self.this)), 0, 0, abi).name()
        self.versions = modinfo.versions(elf)
        self.module = LoadedModule(name, info, elf)
        self.linker = Linker(name, info, self.versions, host, strict)
        self.linker.check_layout()
        modinfo.check_kernel(info, self.versions is not None, vermagic, self.this.size, abi.sizeof("module"))
        self.module.signed = signed is True
        self._check_modinfo()
        self.module.layout = self.layout = Layout(elf, name)
        self.patches = scan(elf, self.layout.places)
        self.module.taints = self.linker.taints
        self.core, self.init = bytearray(), bytearray()

    def _check_modinfo(self) -> None:
        """Log and taint for what the module says of itself. Linux: check_modinfo(), set_license()"""
        name, info = self.module.name, self.module.info
        if info.get("vermagic") is None:
            self.linker.force("bad vermagic")
        if not info.get("intree"):
            self._taint(modinfo.TAINT_OOT_MODULE, f"{name}: loading out-of-tree module taints kernel.")
        if info.get("retpoline") is None and not info.bundled:
            self.host.log(KERN_ERR, "Spectre V2 : System may be vulnerable to spectre v2")
            self.host.log(KERN_WARNING, f"{name}: loading module not compiled with retpoline compiler.")
        if info.get("staging"):
            self._taint(modinfo.TAINT_CRAP)
            quality = "module is from the staging directory, the quality is unknown, you have been warned."
            self.host.log(KERN_WARNING, f"{name}: {quality}")
        if info.get("livepatch") is not None:
            self._taint(modinfo.TAINT_LIVEPATCH, f"{name}: tainting kernel with TAINT_LIVEPATCH", KERN_NOTICE)
        if info.proprietary:
            self._taint(modinfo.TAINT_PROPRIETARY_MODULE, f"{name}: module license '{info.license}' taints kernel.")
        if info.get("test"):
            self._taint(modinfo.TAINT_TEST, f"{name}: loading test module taints kernel.")

    def _taint(self, bit: int, line: str = "", level: int = KERN_WARNING) -> None:
        """Taint module and kernel; the line is logged by the first module only that does so."""
        if line and not self.host.taints() & bit:
            self.host.log(level, line)
        self.host.add_taint(bit)
        self.linker.taints |= bit

    @property
    def percpu(self) -> tuple[int, int]:
        """(bytes, alignment) of the module's per-CPU area; (0, 1) where it has none."""
        section = self.layout.percpu
        return (section.size, min(section.align or 1, PAGE_SIZE)) if section else (0, 1)

    @property
    def percpu_template(self) -> bytes:
        """What each CPU's area starts with. As in Linux nothing in it is relocated: pointers start as NULL."""
        section = self.layout.percpu
        return bytes(self.module.elf.bytes_of(section)) if section else b""

    def place(self, core_base: int, init_base: int, percpu: int = 0) -> None:
        """Give the parts their addresses (init_base 0: there is no such part), and percpu its offset; copy all in."""
        module, elf = self.module, self.module.elf
        self.core, self.init = bytearray(self.layout.core.size), bytearray(self.layout.init.size)
        module.core_base, module.init_base, module.first_init_base = core_base, init_base, init_base
        module.percpu, module.percpu_size = percpu, self.percpu[0]
        for index, (initial, offset) in self.layout.places.items():
            section = elf.sections[index]
            image, base = (self.init, init_base) if initial else (self.core, core_base)
            contents = elf.bytes_of(section)
            image[offset : offset + len(contents)] = contents
            module.section_virts[index] = base + offset
            if section.size:
                module.sections.setdefault(section.name, (base + offset, section.size))

    def finish(self) -> LoadedModule:
        """Resolve symbols, relocate, fill struct module: the image is complete, the module Coming. Raises: Refused."""
        module, elf, linker = self.module, self.module.elf, self.linker
        bases = dict.fromkeys(range(1, len(elf.sections)), 0) | module.section_virts
        if self.layout.percpu:
            bases[self.layout.percpu.index] = module.percpu
        linker.taints |= module.taints
        values = linker.resolve(elf.symbols, bases)
        module.taints, module.uses, module.imports = linker.taints, linker.uses, linker.imports
        module.using_gplonly_symbols = linker.gpl
        self._relocate(values)
        self._sort_extable()
        self._patch()
        self._name_addresses(values)
        self._fill_struct()
        module.exports = read_exports(self._bytes_at, module.sections)
        self._refuse_duplicates()
        self._warn()
        module.state = COMING
        return module

    def offsets_in(self, name: str) -> list[int]:
        """Tell which bytes of an imported variable the module's code refers to."""
        if name not in self.module.imports:
            return []
        elf, places, found = self.module.elf, self.layout.places, set()
        index = next(i for i, symbol in enumerate(elf.symbols) if symbol[0] == name and symbol[5] == SHN_UNDEF)
        for section, target in elf.rela_sections():
            code = target.flags & SHF_EXECINSTR and target.index in places
            for _, info, addend in elf.relocations(section) if code else ():
                if info >> 32 == index:
                    found.add(addend + (FROM_NEXT if info & 0xFFFFFFFF in RELATIVE else 0))
        return sorted(found)

    def _relocate(self, values: list[int]) -> None:
        elf, module = self.module.elf, self.module
        for section, target in elf.rela_sections():
            place = self.layout.places.get(target.index)
            if place is None:
                continue
            initial, offset = place
            image = self.init if initial else self.core
            patched = Target(target.name, image, offset, target.size, module.section_virts[target.index])
            relocate(patched, elf.relocations(section), values, elf.symbols, module.name)

    def _patch(self) -> None:
        """Replace the instructions that must not run as they are."""
        module = self.module
        for (index, offset), patch in self.patches.items():
            initial, start = self.layout.places[index]
            image = self.init if initial else self.core
            image[start + offset : start + offset + len(TRAP)] = TRAP
            module.patches[module.section_virts[index] + offset] = patch

    def _sort_extable(self) -> None:
        section = self.module.elf.alloc_section("__ex_table")
        if section is not None and section.index in self.layout.places:
            initial, offset = self.layout.places[section.index]
            sort_extable(self.init if initial else self.core, offset, section.size)

    def _name_addresses(self, values: list[int]) -> None:
        module, core, init = self.module, self.layout.core, self.layout.init
        symbols, mask = module.elf.symbols, (1 << 64) - 1
        core_part = (module.core_base, module.core_base + core.text_size, module.core_base + core.size)
        init_part = (module.init_base, module.init_base + init.text_size, module.init_base + init.size)
        named = [
            (value & mask, s[0])
            for value, s in zip(values, symbols, strict=True)
            if s[5] in module.section_virts and s[0]
        ]
        stay = [(value & mask, s[0]) for value, s in zip(values, symbols, strict=True) if self.layout.is_core(s)]
        module.kallsyms = module.names = Symbols(named, core_part, init_part)
        module.core_kallsyms = Symbols(stay, core_part, None)

    def _fill_struct(self) -> None:
        """Write what the kernel writes into struct module. Linux: find_module_sections(), module_unload_init()"""
        module, offset = self.module, self.layout.places[self.this.index][1]
        fields = StructModule(self.core, offset, module.core_base + offset, self.abi)
        module.virt = fields.virt
        module.init, module.exit = fields.get("init"), fields.get("exit")
        fields.put("state", COMING, 4)
        fields.put("refcnt", 2, 4)  # the loader's own reference and the one held during init
        fields.put("taints", module.taints)
        fields.put("using_gplonly_symbols", int(module.using_gplonly_symbols), 1)
        fields.put("sig_ok", int(module.signed), 1)
        fields.put("percpu", module.percpu)
        fields.put("percpu_size", module.percpu_size, 4)
        fields.put_part("core_layout", module.core_base, self.layout.core)
        fields.put_part("init_layout", module.init_base, self.layout.init)
        fields.put_sections(module.sections)
        for member in ("source_list", "target_list"):
            fields.put_list(member)

    def _bytes_at(self, virt: int, size: int) -> bytes:
        """Read the image by address."""
        module = self.module
        if module.init_base and module.init_base <= virt < module.init_base + len(self.init):
            return bytes(self.init[virt - module.init_base : virt - module.init_base + size])
        start = max(virt - module.core_base, 0)
        return bytes(self.core[start : start + size])

    def _refuse_duplicates(self) -> None:
        for name in self.module.exports:
            found = self.host.find(name)
            if found is not None:
                owner = found.owner.name if found.owner else "kernel"
                raise linux(f"{self.module.name}: exports duplicate symbol {name} (owned by {owner})")

    def _warn(self) -> None:
        """Sum up in one line each what Linux would refuse the module for, and what it does not do for the module."""
        percpu = self.layout.percpu
        lost = sum(1 for _ in self.module.elf.rela_of(percpu)) if percpu else 0
        if lost:
            text = f"{lost} initial values of per-CPU variables are addresses: Linux loses them, they start as NULL"
            self.module.warnings.append(f"{self.module.name}: {text}")
        differing = self.linker.differing
        if differing:
            some = ", ".join(differing[:3]) + (", ..." if len(differing) > 3 else "")
            release = self.module.info.release
            text = (
                f"built for Linux {release}; {len(differing)} symbols have other checksums in {self.abi.kernel}: {some}"
            )
            self.module.warnings.append(f"{self.module.name}: {text}")


def _this_module(elf: Elf, info: Modinfo) -> Section:
    """Find the section that holds struct module. Linux: setup_load_info()"""
    name = info.get("name") or "(missing .modinfo section or name field)"
    if elf.symtab is None:
        raise linux(f"{name}: module has no symbols (stripped?)", KERN_WARNING)
    this = elf.alloc_section(THIS_MODULE)
    if this is None:
        raise linux(f"{name}: No module found in object", KERN_WARNING)
    return this
