"""Layouts and constants of one kernel's ABI, and typed views of its structures in guest memory.

The data is a JSON file beside this one, made by toolchain/abi_probe.py from a kernel's headers. It has a line per
structure; a line is decoded when its structure is first asked for, and so are the views. Nothing here is typed by
hand.
"""

import json
from functools import cache
from pathlib import Path
from typing import Any

from runtime.abi.exports import Exports
from runtime.abi.views import make_view

__all__ = ["Abi", "load"]

_ROOM = Path(__file__).parent


class Abi:
    """One kernel's ABI. Offsets and sizes in bytes.

    name: linux-6.1-x86_64, say. kernel: the release that it was read from. const: name -> value of every constant.
    exports: what the kernel exports.
    """

    def __init__(self, text: str, exports: Exports) -> None:
        structs, constants = text.index('\n"structs": {\n'), text.index('\n"constants": {\n')
        head = json.loads(text[:structs].rstrip(",") + "}")
        self.name: str = head["abi"]
        self.kernel: str = head["kernel"]
        self.exports = exports
        self.const: dict[str, int] = json.loads("{" + text[constants:])["constants"]
        self._text = text[structs:constants]
        self._structs: dict[str, tuple[int, dict[str, tuple[int, str]]]] = {}
        self._views: dict[str, Any] = {}
        self._offsets: dict[tuple[str, str], int] = {}

    def struct(self, name: str) -> tuple[int, dict[str, tuple[int, str]]]:
        """Return the size of a structure, and its members: name -> (offset, type). The types are explained in views.py.

        Raises: KeyError where the ABI file has no such structure (add it to toolchain/probe/linux.wish).
        """
        found = self._structs.get(name)
        if found is None:
            mark = f'\n"{name}": '
            start = self._text.find(mark)
            if start < 0:
                raise KeyError(f"{self.name} has no struct {name}")
            line = self._text[start + len(mark) : self._text.index("\n", start + 1)]
            data = json.loads(line.rstrip(","))
            found = self._structs[name] = (data["size"], data["members"])
        return found

    def has(self, name: str) -> bool:
        """Tell whether a structure is known."""
        return name in self._structs or f'\n"{name}": ' in self._text

    def sizeof(self, name: str) -> int:
        """Return sizeof(struct name)."""
        return self.struct(name)[0]

    def member(self, name: str, path: str) -> tuple[int, str]:
        """Return offset and type of a member; "a.b" leads into nested structures.

        Members of anonymous structures count as those of the structure around them.
        """
        offset, kind = 0, "%" + name
        for step in path.split("."):
            members = self.struct(kind[1:])[1] if kind[0] == "%" and kind[-1] != "]" else {}
            if step not in members:
                raise KeyError(f"{self.name}: struct {name} has no member {path}")
            place, kind = members[step]
            offset += place
        return offset, kind

    def offset(self, name: str, path: str) -> int:
        """Return offsetof(struct name, path), of a bit field that of the word which holds it."""
        found = self._offsets.get((name, path))
        if found is None:
            found = self._offsets[name, path] = self.member(name, path)[0]
        return found

    def view(self, name: str) -> Any:
        """Return the class that reads and writes struct name in guest memory (views.py); made when first asked for."""
        view = self._views.get(name)
        if view is None:
            size, members = self.struct(name)
            view = self._views[name] = make_view(name, size, members, self.view)
        return view


@cache
def load(name: str = "linux-6.1-x86_64") -> Abi:
    """Return an ABI by its name: one object for all machines, nothing in it changes. Raises FileNotFoundError."""
    return Abi((_ROOM / f"{name}.json").read_text(), Exports(_ROOM / f"{name}.exports"))
