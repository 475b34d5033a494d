"""Headers that are made from the ABI file for the bundled ones: layouts and constants are data, not text.

A bundled header asks for constants by the line
    #include <abi/gfp.h> /* GFP_* __GFP_* */
and gets a header that defines every constant of such a name (globs as in the wish list); behind `UL:` they have that
suffix, so that %lu prints them. Sizes and offsets that the
headers name by ABI_SIZEOF(struct), ABI_OFFSETOF(struct, member) and ABI_MEMBER(struct, member, ...) are in
<abi/layout.h>; there a path like irq.save_fl is written irq_save_fl.
"""

import re
from pathlib import Path

from runtime.abi import Abi
from toolchain.wishes import glob_pattern

HEADERS = Path(__file__).parent / "include"

_REQUEST = re.compile(r"#include <abi/([\w-]+)\.h> /\* (.*?) \*/")
_SIZE = re.compile(r"\bABI_(?:SIZEOF|STRUCT)\((\w+)")
_OFFSET = re.compile(r"\bABI_(?:OFFSETOF|MEMBER)\((\w+), (\w+)")
_PLACEHOLDERS = ("type",)  # names in the definitions of the macros themselves


def headers_text() -> dict[str, str]:
    """Return all bundled headers: path below include/ -> text."""
    return {str(path.relative_to(HEADERS)): path.read_text() for path in sorted(HEADERS.rglob("*.h"))}


def generate(abi: Abi, headers: dict[str, str]) -> dict[str, str]:
    """Return the headers that the given ones ask for: name below abi/ -> text."""
    whole = "\n".join(headers.values())
    made = {"layout.h": _layout(abi, whole)}
    for name, globs in _REQUEST.findall(whole):
        made[f"{name}.h"] = made.get(f"{name}.h", "#pragma once\n") + _constants(abi, globs.split())
    return made


def _constants(abi: Abi, words: list[str]) -> str:
    text, suffix = "", ""
    for word in words:
        if word.endswith(":"):
            suffix = word[:-1]
            continue
        wanted = re.compile(glob_pattern(word))
        values = [(name, value) for name, value in abi.const.items() if wanted.fullmatch(name)]
        text += "".join(f"#define {name} {value if suffix else _literal(value)}{suffix}\n" for name, value in values)
    return text


def _literal(value: int) -> str:
    """Write an integer so that C gives it the narrowest type that holds it, int first."""
    if value < 0:
        return f"({value}L)" if value < -(1 << 31) else f"({value})"
    return str(value) if value < 1 << 31 else f"{value:#x}U" if value < 1 << 32 else f"{value:#x}UL"


def _layout(abi: Abi, whole: str) -> str:
    lines = ["#pragma once"]
    for struct in sorted(set(_SIZE.findall(whole))):
        if struct not in _PLACEHOLDERS:
            lines.append(f"#define abi_sizeof_{struct} {abi.sizeof(struct)}")
    for struct, member in sorted(set(_OFFSET.findall(whole))):
        if struct not in _PLACEHOLDERS:
            lines.append(f"#define abi_offsetof_{struct}__{member} {_offset(abi, struct, member)}")
    return "\n".join(lines) + "\n"


def _offset(abi: Abi, struct: str, member: str) -> int:
    """Find a member under its name, or under a path with one dot where the name has an underscore."""
    places = [member] + [member[:at] + "." + member[at + 1 :] for at, c in enumerate(member) if c == "_" and at]
    for place in places:
        try:
            return abi.offset(struct, place)
        except KeyError:
            continue
    raise KeyError(f"{abi.name}: struct {struct} has no member {member}")
