"""Notes which code of which module runs, wherever the module is loaded and however often."""

from collections.abc import Callable

from runtime.cpu.engine import Engine
from runtime.cpu.translated import Block, Place, Recorder
from runtime.loader.loaded import LoadedModule
from runtime.units import Virt

Blocks = frozenset[Block]
"""Plain data: it can be sent to another process, united and compared."""


class Recording:
    """The blocks that run on one engine. owner: finds the module that an address lies in now.

    modules: label of each module seen -> its file. The label is its name, with a number from the second file of that
    name on.
    """

    def __init__(self, engine: Engine, owner: Callable[[Virt], LoadedModule | None]) -> None:
        self.modules: dict[str, bytes] = {}
        self._owner = owner
        self._last: tuple[LoadedModule | None, str] = None, ""
        recorder = Recorder(engine, self._place)
        self.start, self.take, self.look = recorder.start, recorder.take, recorder.look

    def _place(self, virt: Virt) -> Place | None:
        module = self._owner(virt)
        if module is None:
            return None
        if module is not self._last[0]:
            self._last = module, self._label(module)
        offset = virt - module.core_base
        if 0 <= offset < module.layout.core.size:
            return self._last[1], False, offset
        return self._last[1], True, virt - module.init_base

    def _label(self, module: LoadedModule) -> str:
        label, number = module.name, 1
        while self.modules.setdefault(label, module.elf.data) != module.elf.data:
            number += 1
            label = f"{module.name}#{number}"
        return label
