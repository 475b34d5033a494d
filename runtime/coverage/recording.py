"""Notes which code of which module runs, wherever the module is loaded and however often."""

from typing import Protocol

from runtime.cpu.engine import Engine
from runtime.cpu.translated import Block, Place, Recorder
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
        self._last_label, self._last_size = "", 0
        recorder = Recorder(engine, self._place)
        self.start, self.take, self.look = recorder.start, recorder.take, recorder.look

    def _place(self, virt: Virt) -> Place | None:
        module = self._last
        if module is not None and self._machine.loaded.get(module.name) is module:
            offset = virt - module.core_base
            if 0 <= offset < self._last_size:
                return self._last_label, False, offset
        return self._look_up(virt)

    def _look_up(self, virt: Virt) -> Place | None:
        module = self._machine.owner(virt)
        if module is None:
            return None
        if module is not self._last:
            self._last, self._last_label, self._last_size = module, self._label(module), module.layout.core.size
        offset = virt - module.core_base
        if 0 <= offset < self._last_size:
            return self._last_label, False, offset
        return self._last_label, True, virt - module.init_base

    def _label(self, module: LoadedModule) -> str:
        label, number = module.name, 1
        while self.modules.setdefault(label, module.elf.data) != module.elf.data:
            number += 1
            label = f"{module.name}#{number}"
        return label
