"""Setting a module's parameters at insmod: the argument string, one parameter after the other.

All arguments are tried; the last error counts. A parameter whose set function belongs to the module interrupts the
work: advance() says what to call, and is called again with the result.
Linux: kernel/params.c, parse_args(); kernel/module/main.c, unknown_module_param_cb(), 6.1
"""

from errno import ENOMEM, ENOSPC
from typing import Any

from runtime.errors import GuestFault, Unsupported
from runtime.loader.args import Argument, Arguments
from runtime.loader.loaded import LoadedModule
from runtime.loader.param_types import GuestSet, Keeper, Setter, find_param, kinds, read_params
from runtime.loader.refused import KERN_ERR, KERN_WARNING, refused

_HEAD = 16  # struct kmalloced_param: a list_head stands before the characters


class Strings(Keeper):
    """Copies of charp values, which live as long as the module. k: the kernel."""

    def __init__(self, k: Any, module: LoadedModule) -> None:
        self.k, self.module = k, module

    def log(self, level: int, text: str) -> None:
        self.k.modules.log(level, text)

    def add_taint(self, bits: int) -> None:
        self.k.modules.add_taint(bits)

    def keep_string(self, old: int, size: int) -> int:
        """Allocate first, then free the value of before: as Linux does, which has both for a moment."""
        block = self.k.slab.kmalloc(_HEAD + size, self.k.abi.const["GFP_KERNEL"])
        if not block:
            return 0
        kept = self.module.strings
        if old in kept:
            self.k.slab.kfree(old - _HEAD)
            kept = tuple(virt for virt in kept if virt != old)
        self.module.strings = (*kept, block + _HEAD)
        return int(block + _HEAD)


def setter(k: Any, module: LoadedModule) -> Setter:
    """Make what sets and shows the parameters of a module: for insmod, sysfs, and its own calls of param_set_*()."""
    addresses = {name: k.modules.find(name) for name in module.imports if name.startswith("param_")}
    table = kinds(lambda name: addresses[name].virt if addresses.get(name) else None)
    return Setter(k.mem, k.abi, table, Strings(k, module))


def free_parameters(k: Any, module: LoadedModule) -> None:
    """Free what setting the parameters allocated, when the module goes. Linux: module_destroy_params()"""
    for virt in module.strings:
        k.slab.kfree(virt - _HEAD)
    if module.args:
        k.slab.kfree(module.args)
    module.strings, module.args = (), 0


class Parameters:
    """The arguments of one insmod, and how far they have been set. Plain data, journalled by the machine.

    Raises: Refused (ENOMEM) where there is no memory for the argument string.
    """

    def __init__(self, module: LoadedModule, k: Any, arguments: str) -> None:
        self.module, self.k = module, k
        self.arguments = Arguments(arguments.encode())
        self.setter = setter(k, module)
        try:
            self.params = read_params(k.mem, k.abi, module.sections.get("__param"))
        except GuestFault:
            raise refused("its table of parameters is damaged") from None
        self.index = self.error = 0
        if self.arguments.items:
            module.args = self._copy(self.arguments.mangled)
        k.undo.adopt(self)

    def _copy(self, text: bytes) -> int:
        """Put the string where set functions of the module find their values."""
        virt: int = self.k.slab.kmalloc(len(text), self.k.abi.const["GFP_KERNEL"])
        if not virt:
            raise refused("no memory for its arguments", errno=ENOMEM)
        self.k.mem.write(virt, text)
        self.k.mem.put64(self.module.virt + self.k.abi.offset("module", "args"), virt)
        return virt

    def advance(self, result: int) -> tuple[int, int, int] | None:
        """Go on after a guest function returned result (0 at first).

        Return: (function, value, kernel_param) to call next, or None when all are set.
        Raises: Refused with the last error.
        """
        items = self.arguments.items
        if result:
            self._failed(items[self.index - 1], result)
        while self.index < len(items):
            self.index += 1
            item = items[self.index - 1]
            done = self._set(item)
            if isinstance(done, GuestSet):
                return done.fn, self.module.args + item.at if item.value is not None else 0, done.param.virt
            if done:
                self._failed(item, done)
        if self.error:
            raise refused(f"argument {self._name_of_error()}", errno=-self.error)
        if self.arguments.rest:
            rest = str(self.arguments.rest, "utf-8", "backslashreplace")
            self._log(KERN_WARNING, f"{self.module.name}: parameters '{rest}' after `--' ignored")
        return None

    def _set(self, item: Argument) -> int | GuestSet:
        param = find_param(self.params, item.name)
        if param is not None:
            return self.setter.set_parameter(param, item.value)
        if item.name == "dyndbg":
            raise Unsupported("the parameter dyndbg: dynamic debug cannot be switched on")
        if item.name != "async_probe":
            self._log(KERN_WARNING, f"{self.module.name}: unknown parameter '{item.name}' ignored")
        return 0

    def _failed(self, item: Argument, error: int) -> None:
        """Log an argument that was refused with error, which is negative."""
        raw = item.value or b""
        param = find_param(self.params, item.name)
        if param is not None and self.setter.is_array(param):
            raw = raw.partition(b",")[0]  # the kernel has cut the list up by then
        value = str(raw, "utf-8", "backslashreplace")
        how = "too large" if error == -ENOSPC else "invalid"
        self._log(KERN_ERR, f"{self.module.name}: `{value}' {how} for parameter `{item.name}'")
        self.error = error

    def _name_of_error(self) -> str:
        names = ", ".join(item.name for item in self.arguments.items)
        return f"refused ({names})"

    def _log(self, level: int, text: str) -> None:
        self.k.modules.log(level, text)
