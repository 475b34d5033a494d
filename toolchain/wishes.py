"""The wish list of the ABI probe, and the C source that asks for it.

Every wish is one line of C, so that the compiler's own errors say which wishes the headers cannot grant: those lines
are dropped and the rest is compiled again. A structure becomes visible in DWARF through a pointer to it, a macro
through an enumerator of its own.
"""

import re
from collections.abc import Iterable
from pathlib import Path

PREFIX = "probe_"
WISH_FILE = Path(__file__).parent / "probe" / "linux.wish"

# Text that no integer constant contains: statements, attributes, strings, concatenation.
_NO_CONSTANT = re.compile(
    r'[{};"#\[\]@]|\b(do|if|asm|__asm__|extern|static|struct \w+ \w|__attribute__|__section|__builtin_\w+|typeof)\b'
)
_MACRO = re.compile(r"#define (\w+) (\S.*)")


class Wishes:
    """What a wish file asks for: kind -> names in the file's order, each once."""

    def __init__(self, text: str) -> None:
        self.by_kind: dict[str, dict[str, None]] = {}
        for line in text.splitlines():
            kind, *names = line.split("#", 1)[0].split() or [""]
            self.by_kind.setdefault(kind, {}).update(dict.fromkeys(names))

    def __getitem__(self, kind: str) -> list[str]:
        return list(self.by_kind.get(kind, ()))

    def includes(self) -> list[str]:
        """One C line for each header, empty where the header does not exist."""
        return [
            line
            for name in self["include"]
            for line in (f"#if __has_include(<{name}>)", f"#include <{name}>", "#endif")
        ]

    def types(self) -> dict[str, str]:
        """Name in the JSON -> the line of C that makes its layout visible."""
        lines: dict[str, str] = {}
        for kind in ("struct", "union", "typedef"):
            for name in self[kind]:
                ctype = name if kind == "typedef" else f"{kind} {name}"
                lines[name] = f"{ctype} *{PREFIX}type_{name}; char {PREFIX}size_{name}[sizeof({ctype})];"
        return lines

    def enums(self) -> dict[str, str]:
        """Name of an enumeration -> the line of C that makes its enumerators visible."""
        return {
            name: f"enum {name} {PREFIX}enum_{name}; char {PREFIX}esize_{name}[sizeof(enum {name})];"
            for name in self["enum"]
        }

    def constants(self, macros: str) -> dict[str, str]:
        """Name of a constant -> its line of C. macros is what the preprocessor prints under -dM."""
        wanted = re.compile("|".join(map(glob_pattern, self["macro"])) or "$.")
        bodies = dict(_MACRO.findall(macros))
        values = {
            name: name
            for name, body in sorted(bodies.items())
            if wanted.fullmatch(name) and not _NO_CONSTANT.search(body)
        }
        for wish in self["const"]:
            name, _, value = wish.partition("=")
            values[name] = value.replace("~", " ") or name
        return {
            name: f"enum {{ {PREFIX}const_{name} = ({value}) }} {PREFIX}use_{name};" for name, value in values.items()
        }


def glob_pattern(glob: str) -> str:
    """Return the regular expression of a wish: * is anything, + is [A-Z0-9]+."""
    return re.escape(glob).replace(r"\*", r"\w*").replace(r"\+", "[A-Z0-9]+")


def failed_lines(output: str, source_name: str, line_numbers: Iterable[int]) -> set[int]:
    """Return the lines of source_name that the error messages blame, also as the place of a macro's expansion."""
    known = set(line_numbers)
    failed: set[int] = set()
    in_error = False
    place = re.compile(r"(?:^|[/ ])" + re.escape(source_name) + r":(\d+)[:,].*", re.M)
    for line in output.splitlines():
        if "error:" in line:
            in_error = True
        elif "warning:" in line:
            in_error = False
        match = place.search(line)
        if in_error and match and int(match[1]) in known:
            failed.add(int(match[1]))
    return failed
