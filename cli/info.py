"""kmodrun info: what a module says of itself, its parameters with their defaults, its sections."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from cli.kofile import KoFile, opened
from cli.main import CLEAN
from cli.modules import as_ko
from cli.options import Parser, add_headers

TAGS = ("description", "author", "license", "version", "vermagic")


def command(argv: list[str]) -> int:
    """Show one module. Return: the exit status."""
    args = parser().parse_args(argv)
    with opened(as_ko(args.module, args)) as module:
        found = describe(module, args.module)
    if args.json:
        import json
        print(json.dumps(found, indent=2))
    else:
        print("\n".join(lines(found)))
    return CLEAN


def parser() -> Parser:
    """What the command takes."""
    made = Parser("info", "MODULE", "Show a module's description, parameters and sections. Nothing of it runs.")
    made.add_argument("module", metavar="MODULE", help="a .ko, or a .c that is built first")
    made.add_argument("--json", action="store_true", help="one JSON object")
    add_headers(made)
    return made


def describe(module: KoFile, file: str) -> dict[str, Any]:
    """All that is shown, as plain data."""
    return {
        "file": str(Path(file)),
        "name": module.name,
        **{tag: ", ".join(module.info.all(tag)).strip() or None for tag in TAGS},
        "depends": module.info.depends,
        "parameters": [parameter._asdict() for parameter in module.parameters()],
        "imports": len(module.imports()),
        "exports": module.exports(),
        "sections": [{"name": section.name, "size": section.size, "flags": flags_of(section.flags)}
                     for section in module.elf.sections if section.alloc],
    }


def flags_of(flags: int) -> str:
    """As a page of that section is mapped: `rw`, `rx`, `r`."""
    from runtime.loader.elf import SHF_EXECINSTR, SHF_WRITE
    return "r" + ("w" if flags & SHF_WRITE else "") + ("x" if flags & SHF_EXECINSTR else "")


def lines(found: dict[str, Any]) -> Iterator[str]:
    """What `kmodrun info` prints of a module, line by line."""
    for key in ("file", "name", *TAGS):
        if found[key]:
            yield f"{key + ':':13}{found[key]}"
    for key in ("depends", "exports"):
        if found[key]:
            yield f"{key + ':':13}{', '.join(found[key])}"
    yield f"{'imports:':13}{found['imports']} symbols (kmodrun symbols lists them)"
    if found["parameters"]:
        yield "parameters:"
        yield from (parameter_line(parameter) for parameter in found["parameters"])
    yield "sections that take memory:"
    yield from (f"  {s['name']:28}{s['size']:>8}  {s['flags']}" for s in found["sections"] if s["size"])


def parameter_line(parameter: dict[str, Any]) -> str:
    text = f"  {parameter['name']} ({parameter['type'] or 'callback'})"
    if parameter["default"] is not None:
        text += f" = {parameter['default']}"
    return text + (f": {parameter['description']}" if parameter["description"] else "")
