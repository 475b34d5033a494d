"""insmod and rmmod: what finit_module() and delete_module() do, as steps of the loop.

Linux: kernel/module/main.c, load_module(), do_init_module(), delete_module(), 6.1
"""

from collections.abc import Callable
from errno import EBUSY, EEXIST, ENOENT, EWOULDBLOCK, errorcode
from typing import TYPE_CHECKING, Any

from runtime.arch import x86_64 as arch
from runtime.c import s32_of
from runtime.check.leaks import report_left
from runtime.errors import Call, GuestFault, InsmodError, Killed, Unsupported
from runtime.lib import jump_labels, rcu
from runtime.loader.host import Found
from runtime.loader.kallsyms import Symbols
from runtime.loader.module import COMING, GOING, LIVE, LoadedModule, Loading
from runtime.loader.param_types import BOOLS, Setter, read_param
from runtime.loader.params import Parameters, free_parameters, setter
from runtime.loader.refused import Refused
from runtime.loader.text_scan import Patch
from runtime.loader.unwind import END, Rule, Rules, module_rules
from runtime.oops import taint
from runtime.symbols import Symbol
from runtime.undo import pop_key, put_attribute, put_key
from runtime.units import Virt

if TYPE_CHECKING:
    from runtime.kernel import Kernel

VERMAGIC = "{release} SMP preempt mod_unload modversions "
_MARKS = {COMING: taint.COMING, GOING: taint.GOING}
_MODINFO = ("version", "srcversion")  # fields of struct module with copies of what .modinfo says
_CREATE_CACHES = {"kmem_cache_create", "kmem_cache_create_usercopy"}
_PROTECTION = {"rx": arch.KERNEL_ROX, "ro": arch.KERNEL_RO, "rw": arch.KERNEL}


class Modules:
    """The modules that are loaded, in the order of loading.

    strict: checksums of symbols have to agree, as Linux demands. refcnt_at, state_at: offsets in struct module.
    """

    def __init__(self, kernel: "Kernel", strict: bool) -> None:
        self.kernel, self.strict = kernel, strict
        self.loaded: dict[str, LoadedModule] = kernel.undo.dict()
        self.rules_of: dict[str, Rules] = kernel.undo.dict()
        # The machine is taken back after the step that is under way: what nobody could tell any more need not be done.
        # Whoever begins a step says so; it is no part of what is taken back.
        self.parting = False
        offset = kernel.abi.offset
        self.refcnt_at, self.state_at = offset("module", "refcnt"), offset("module", "state")
        self.init_layout_at, self.no_layout = offset("module", "init_layout"), bytes(kernel.abi.sizeof("module_layout"))
        self.modinfo_at = tuple((field, offset("module", field)) for field in _MODINFO)
        self.vermagic = VERMAGIC.format(release=kernel.abi.kernel.split()[0])

    # Parameters, for modules that call the kernel's own param_set_int() and the like.
    def set_param(self, kind: str, value: Virt, kp: Virt) -> int:
        """param_set_<kind>(value, kp). Return: 0 or -errno."""
        if not value and kind not in BOOLS:
            raise GuestFault(0)  # a bare name, for a type that reads its value
        text = self.kernel.mem.cstr(value) if value else None
        return self._setter(kp).set_kind(kind, read_param(self.kernel.mem, self.kernel.abi, kp), text)

    def param_text(self, kind: str, kp: Virt) -> str:
        """What param_get_<kind>() prints."""
        param = read_param(self.kernel.mem, self.kernel.abi, kp)
        return self._setter(kp).text(param) or "" if kind == "string" else self._setter(kp).kind_text(kind, param.arg)

    def _setter(self, kp: Virt) -> Setter:
        module = self.owner(kp)
        if module is None:
            raise Unsupported(f"a struct kernel_param at {kp:#x}, outside of any module")
        return setter(self.kernel, module)

    # The loader's view of this machine (loader.host.Host).
    def log(self, level: int, text: str) -> None:
        self.kernel.printk(level, text)

    def taints(self) -> int:
        return self.kernel.trouble.health.taint

    def add_taint(self, bits: int) -> None:
        health = self.kernel.trouble.health
        health.taint |= bits
        if bits & (1 << taint.PROPRIETARY_MODULE | 1 << taint.FORCED_MODULE):
            for line in health.stop_lock_debugging(say=True):
                self.kernel.printk(*line)

    def find(self, name: str) -> Found | None:
        """The kernel's export of that name, or a module's."""
        found = self.kernel.provider.find(name)
        if found is not None:
            return found
        for module in self.loaded.values():
            export = module.exports.get(name)
            if export is not None:
                return Found(export.virt, export.crc, export.gpl, export.namespace, module)
        return None

    def owner(self, virt: Virt) -> LoadedModule | None:
        """The module that an address lies in."""
        for module in self.loaded.values():
            if module.contains(virt):
                return module
        return None

    def owner_name(self, virt: Virt) -> str:
        """Its name, "" for an address of the kernel."""
        module = self.owner(virt)
        return module.name if module is not None else ""

    def rule(self, virt: Virt) -> Rule:
        """How to unwind at an instruction of a module."""
        module = self.owner(virt)
        return self.rules_of[module.name].find(virt) if module is not None and module.name in self.rules_of else END

    def patch(self, virt: Virt) -> Patch | None:
        """The instruction that was replaced at an address."""
        module = self.owner(virt)
        return module.patches.get(virt) if module is not None else None

    def lookup(self, virt: Virt) -> Symbol | None:
        """The symbol of a module that an address lies in."""
        module = self.owner(virt)
        found = module.kallsyms.lookup(virt) if module is not None else None
        return Symbol(*found, module.name) if module is not None and found is not None else None

    def kallsyms(self) -> tuple[Symbols, ...]:
        """The tables of symbols that lookup() asks now; what it says follows from them."""
        return tuple([module.kallsyms for module in self.loaded.values()])

    def tables(self, section: str, entry_size: int) -> list[tuple[Virt, int]]:
        """(virt, number of entries) of one section of every module that has it."""
        found = (module.sections.get(section) for module in self.loaded.values())
        return [(virt, size // entry_size) for virt, size in (place for place in found if place is not None)]

    def flags(self) -> list[str]:
        """`name(OE+)` of each, newest first, as print_modules() shows them."""
        return [module.name + self.marks(module) for module in reversed(self.loaded.values())]

    def marks(self, module: LoadedModule) -> str:
        """`(OE+)`: its taints, and whether it comes or goes."""
        return taint.module_flags(module.taints, _MARKS.get(module.state, ""))

    def refcount(self, module: LoadedModule) -> int:
        """How many users hold it: module_refcount() + 1, as it lies in struct module."""
        return s32_of(self.kernel.mem.u32(module.virt + self.refcnt_at))

    def add_references(self, module: LoadedModule, count: int) -> None:
        mem, virt = self.kernel.mem, module.virt + self.refcnt_at
        mem.put32(virt, mem.u32(virt) + count)


def insmod(k: "Kernel", _rax: int, data: bytes, arguments: str) -> Any:
    """Load a module. Result: LoadedModule. Raises: InsmodError with the errno of finit_module()."""
    modules = k.modules
    k.resources.locks.clear()  # of tasks that have died
    try:
        loading = Loading(data, modules, k.abi, modules.vermagic, modules.strict)
    except Refused as refusal:
        raise _logged(k, refusal) from None
    module = loading.module
    if module.name in modules.loaded:
        if modules.loaded[module.name].state != LIVE:  # left behind by an oops: it will never be, and Linux waits
            k.trouble.sleeps_forever(f"insmod waits for the {module.name} that is being loaded or removed")
        raise InsmodError(EEXIST, f"module {module.name} is loaded already")
    if not module.signed:
        _taint_unsigned(k, module)
    try:
        _link(k, loading)
    except Refused as refusal:
        _release(k, module, lambda: f"after {module.name} was refused")
        raise _logged(k, refusal) from None
    return _with_parameters(k, 0, module, Parameters(module, k, arguments))


def _logged(k: "Kernel", refusal: Refused) -> Refused:
    for level, text in refusal.log:
        k.printk(level, text)
    return refusal


def _taint_unsigned(k: "Kernel", module: LoadedModule) -> None:
    """A module without a signature taints the kernel; the first one is told so."""
    health = k.trouble.health
    if not health.taint >> taint.UNSIGNED_MODULE & 1:
        text = "module verification failed: signature and/or required key missing - tainting kernel"
        k.printk(5, f"{module.name}: {text}")
    health.taint |= 1 << taint.UNSIGNED_MODULE
    module.taints |= 1 << taint.UNSIGNED_MODULE


def _link(k: "Kernel", loading: Loading) -> None:
    """Give the module memory, make its image and put it there."""
    module, layout = loading.module, loading.layout
    core = k.vmalloc.module_alloc(layout.core.size)
    init = k.vmalloc.module_alloc(layout.init.size) if layout.init.size else 0
    size, alignment = loading.percpu
    percpu = k.percpu.module_alloc(size, alignment) if size else 0
    loading.place(core, init, percpu)
    loading.finish()
    if size:
        k.percpu.fill(percpu, loading.percpu_template)
    for base, image in ((core, loading.core), (init, loading.init)):
        if base:
            k.mem.write(base, bytes(image))
    _protect(k, module.protections())
    k.code_changed()
    _copy_modinfo(k, loading)
    k.slab.expect(loading.offsets_in("kmalloc_caches"), not _CREATE_CACHES.isdisjoint(module.imports))
    k.undo.adopt(module)
    k.modules.loaded[module.name] = module
    k.modules.rules_of[module.name] = module_rules(module, k.mem.read)
    k.places.add(module)
    if "__jump_table" in module.sections:
        jump_labels.module_added(k, *module.sections["__jump_table"])
    for name in module.uses:
        used = k.modules.loaded[name]
        used.users = [*used.users, module.name]
        k.modules.add_references(used, 1)


def _copy_modinfo(k: "Kernel", loading: Loading) -> None:
    """What a module may read of its own .modinfo, which is not in memory. Linux: setup_modinfo(), 6.1"""
    module = loading.module
    module.copies = tuple(k.mem.phys(module.virt + offset) for _, offset in k.modules.modinfo_at)
    for field, offset in k.modules.modinfo_at:
        text = module.info.get(field)
        if text is not None:
            virt = k.slab.kmalloc(len(text.encode()) + 1, k.abi.const["GFP_KERNEL"])
            if virt:
                k.mem.write(virt, text.encode() + b"\0")
            k.mem.put64(module.virt + offset, virt)


def _protect(k: "Kernel", ranges: list[tuple[Virt, int, str]]) -> None:
    dirty = arch.PTE_DIRTY if k.undo.journal else 0
    for virt, size, kind in ranges:
        k.tables.protect(virt, size, _PROTECTION[kind] & ~dirty)


def _with_parameters(k: "Kernel", rax: int, module: LoadedModule, parameters: Parameters) -> Any:
    """Set the parameters one after the other, then run init;

    a parameter may have a function of the module's that sets it.
    """
    try:
        call = parameters.advance(s32_of(rax))
    except Refused as refusal:
        _release(k, module, lambda: f"after {module.name} was refused")
        raise _logged(k, refusal) from None
    if call is not None:
        return Call(*call, then=_with_parameters, data=(module, parameters))
    return Call(module.init, then=_initialised, data=(module,)) if module.init else _initialised(k, 0, module)


def _initialised(k: "Kernel", rax: int, module: LoadedModule) -> LoadedModule | InsmodError:
    """init has returned. Return: the module, or the error that insmod gets."""
    result = s32_of(rax)
    amiss = k.mm.in_atomic() or len(k.resources.locks) > 0
    if amiss and module.init:
        k.trouble.unbalanced(module.init, "init")
    if result < 0:
        k.undo.noted((put_attribute, module, "state", module.state))
        put_attribute(module, "state", GOING)
        if amiss:
            k.trouble.end_reader(waits=True)
        _release(k, module, lambda: f"after init of {module.name} failed with -{errorcode.get(-result, -result)}")
        if k.current.dying:
            raise _killed(k)
        return InsmodError(-result, f"init of {module.name} returned {result}")
    if result > 0:
        text = f"'{module.name}'->init suspiciously returned {result}, it should follow 0/-E convention"
        k.printk(4, f"do_init_module: {text}")
        k.printk(4, "do_init_module: loading module anyway...")
        k.trouble.dump_stack()
    module.state = LIVE
    k.modules.add_references(module, -1)
    k.mem.put32(module.virt + k.modules.state_at, LIVE)
    _free_init(k, module)
    if amiss:
        k.trouble.end_reader(waits=False)
    if k.current.dying:
        raise _killed(k)
    return module


def _free_init(k: "Kernel", module: LoadedModule) -> None:
    """Protect what is only written during init, and free the memory of the init part."""
    init_base = module.init_base
    module.free_init()
    _protect(k, module.protected_late())
    k.mem.write(module.virt + k.modules.init_layout_at, k.modules.no_layout)
    if init_base:
        k.vmalloc.module_vacate(init_base)


def _killed(k: "Kernel") -> Killed:
    """The task is about to leave the kernel, and the OOM killer has chosen it."""
    return Killed(9, f"out of memory: the OOM killer took {k.current.comm}")


def rmmod(k: "Kernel", _rax: int, name: str) -> Any:
    """Remove a module. Raises: InsmodError with the errno of delete_module()."""
    module = k.modules.loaded.get(name)
    if module is None:
        raise InsmodError(ENOENT, f"module {name} is not loaded")
    if module.users:
        raise InsmodError(EWOULDBLOCK, f"module {name} is in use by {', '.join(module.users)}")
    if module.state != LIVE:
        raise InsmodError(EBUSY, f"module {name} is {'being loaded' if module.state == COMING else 'being removed'}")
    if module.init and not module.exit:
        raise InsmodError(EBUSY, f"module {name} has no exit function")
    if k.modules.refcount(module) != 1:
        raise InsmodError(EWOULDBLOCK, f"module {name} is in use")
    if k.resources.locks:  # of tasks that have died
        k.resources.locks.clear()
    module.state = GOING
    k.mem.put32(module.virt + k.modules.state_at, GOING)
    k.mem.put32(module.virt + k.modules.refcnt_at, 0)  # there was the loader's own reference
    return Call(module.exit, then=_exited, data=(module,)) if module.exit else _exited(k, 0, module)


def _exited(k: "Kernel", _rax: int, module: LoadedModule) -> None:
    """exit has returned."""
    preempt_count = k.cpu.preempt_count
    if module.exit and (k.mm.in_atomic() or k.resources.locks):
        k.trouble.unbalanced(module.exit, "exit")
        k.trouble.end_reader(waits=True)
    _release(k, module, lambda: f"after {module.name} has gone")
    k.trouble.health.last_unloaded = module.name + taint.module_flags(module.taints)
    if preempt_count:
        k.trouble.wait_for_grace_period(preempt_count)
    if k.current.dying:
        raise _killed(k)


def _release(k: "Kernel", module: LoadedModule, when: Callable[[], str]) -> None:
    """Give back what the module itself takes. when: what has happened, for reports of what it leaves behind."""
    if k.mm.fences is not None or k.provider.made("rcu_pending"):
        rcu.free_pending(k, force=True)
    if module.strings or module.args:
        free_parameters(k, module)
    for phys in module.copies:
        copy = k.ram.u64[phys >> 3]
        if copy:
            k.slab.kfree(copy)
    alive = any(k.alive.books)
    if k.mm.fences is not None and (alive or k.mm.waiting):
        k.mm.verify()
    leaves = (k.resources.held or alive) and report_left(k, module, when())
    loaded = k.modules.loaded
    if module.name in loaded:
        k.undo.noted((put_key, loaded, module.name, pop_key(loaded, module.name)))
        if k.modules.parting and not loaded:
            return
    k.modules.rules_of.pop(module.name, None)
    for name in module.uses:
        used = k.modules.loaded.get(name)
        if used is not None and module.name in used.users:
            used.users = [user for user in used.users if user != module.name]
            k.modules.add_references(used, -1)
    if module.percpu_size:
        k.percpu.module_free(module.percpu)
    for base in (module.core_base, module.first_init_base):
        if base and leaves:  # its addresses say whose that is: no other module may get them
            k.vmalloc.module_vacate(base)
            del k.vmalloc.areas[base]
        elif base:
            k.vmalloc.module_free(base)
