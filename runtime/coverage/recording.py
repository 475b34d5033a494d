"""Notes which code of which module runs, wherever the module is loaded and however often."""

from typing import Protocol

from runtime.cpu.engine import Engine
from runtime.cpu.translated import Block, Recorder, Region
from runtime.loader.loaded import LoadedModule
from runtime.units import Virt

Blocks = frozenset[Block]
"""Plain data: it can be sent to another process, united and compared."""


class Modules(Protocol):
    """What is asked of the machine: which modules are loaded, and which of them an address lies in."""

    loaded: dict[str, LoadedModule]

    def owner(self, virt: Virt) -> LoadedModule | None: ...


class Recording:
    """The blocks that run on one engine.

    modules: label of each module that ran -> its file. The label is its name, with a number from the second file of
    that name on.
    """

    def __init__(self, engine: Engine, modules: Modules) -> None:
        self.modules: dict[str, bytes] = {}
        self._machine = modules
        self._last: LoadedModule | None = None
        self._core: Region = "", False, 0, 0
        self._init: Region = "", True, 0, 0
        recorder = Recorder(engine, self._region)
        self.start, self.take, self.look = recorder.start, recorder.take, recorder.look

    def _region(self, virt: Virt) -> Region | None:
        module, core, init = self._last, self._core, self._init
        if module is not None and self._machine.loaded.get(module.name) is module:
            if core[2] <= virt < core[3]:
                return core
            if module.init_base == init[2] and init[2] <= virt < init[3]:
                return init
        return self._look_up(virt)

    def _look_up(self, virt: Virt) -> Region | None:
        module = self._machine.owner(virt)
        if module is None:
            return None
        if module is not self._last:
            label, core, init = self._label(module), module.core_base, module.first_init_base
            self._last = module
            self._core = label, False, core, core + module.layout.core.text_size
            self._init = label, True, init, init + module.layout.init.text_size
        return self._core if self._core[2] <= virt < self._core[3] else self._init

    def _label(self, module: LoadedModule) -> str:
        label, number = module.name, 1
        while self.modules.setdefault(label, module.elf.data) != module.elf.data:
            number += 1
            label = f"{module.name}#{number}"
        return label
