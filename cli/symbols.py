"""kmodrun symbols: what a module imports, who provides it, and what becomes of the rest."""

from argparse import Namespace
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from cli.kofile import Import, KoFile, opened
from cli.main import CLEAN, FAULTY, UNSUPPORTED
from cli.modules import as_ko
from cli.options import Parser, add_headers
from runtime import provides
from runtime.report.style import Style, plural

Providers = Callable[[str], str | None]
"""Which file of kapi provides a name; None for nobody."""

PROVIDED, WEAK, MISSING, UNKNOWN = "provided", "weak", "unsupported", "unknown"


def command(argv: list[str]) -> int:
    """List the imports of each module, given those before it. Return: 0 where all are provided."""
    args = parser().parse_args(argv)
    paths = [as_ko(name, args) for name in args.modules]
    exported: dict[str, str] = {}
    modules = [examine(path, provides, exported) for path in paths]
    show(modules, args)
    states = {row["state"] for module in modules for row in module["symbols"]}
    return UNSUPPORTED if MISSING in states else FAULTY if UNKNOWN in states else CLEAN


def parser() -> Parser:
    """What the command takes."""
    made = Parser("symbols", "MODULE...",
                  "List what modules import: provided (and by whom), unsupported (Linux exports it, kmodrun lacks it) "
                  "or unknown (Linux does not export it: insmod fails).")
    made.add_argument("modules", nargs="+", metavar="MODULE", help="in the order of insmod")
    made.add_argument("--json", action="store_true", help="one JSON object")
    add_headers(made)
    return made


def examine(path: Path, providers: Providers, exported: dict[str, str]) -> dict[str, Any]:
    """The imports of one module as plain data; adds its own exports to exported."""
    with opened(path) as module:
        symbols = [row(wanted, module, providers, exported) for wanted in module.imports()]
        exported.update(dict.fromkeys(module.exports(), module.name))
        return {"name": module.name, "symbols": symbols}


def row(wanted: Import, module: KoFile, providers: Providers, exported: dict[str, str]) -> dict[str, Any]:
    """One import: state, by whom it is provided, and what Linux says of it (kind, gpl, namespace)."""
    linux = module.abi.exports.find(wanted.name)
    by = f"module {exported[wanted.name]}" if wanted.name in exported else providers(wanted.name)
    if linux is not None and linux.gpl and module.info.proprietary:
        by, linux = None, None
    state = PROVIDED if by else MISSING if linux else WEAK if wanted.weak else UNKNOWN
    kind = linux.kind if linux else ""
    return {"name": wanted.name, "state": state, "by": by, "kind": {"f": "function", "d": "data"}.get(kind),
            "gpl": linux.gpl if linux else None, "consequence": consequence(state, kind, module)}


def consequence(state: str, kind: str, module: KoFile) -> str:
    """What a run makes of a symbol that nobody provides, in a few words."""
    if state == MISSING:
        return "the load is refused" if kind == "d" else "a call of it stops the run"
    if state == WEAK:
        return "it is 0"
    if state == UNKNOWN:
        others = " to a module that is not GPL" if module.info.proprietary else ""
        return f"insmod fails: Linux does not export it{others}"
    return ""


def show(modules: list[dict[str, Any]], args: Namespace) -> None:
    """Print what the modules import, as text or as JSON."""
    import sys
    if args.json:
        import json
        print(json.dumps({"modules": modules}, indent=2))
        return
    for module in modules:
        print("\n".join(lines(module, Style(sys.stdout))))


def lines(module: dict[str, Any], style: Style) -> Iterator[str]:
    """The symbols of one module, those that kmodrun lacks first."""
    symbols = module["symbols"]
    order = (UNKNOWN, MISSING, WEAK, PROVIDED)
    counts = {state: sum(s["state"] == state for s in symbols) for state in order}
    told = ", ".join(f"{count} {state}" for state, count in counts.items() if count)
    yield style.title(f"{module['name']} imports {plural(len(symbols), 'symbol')}") + (f": {told}" if told else "")
    width = max((len(s["name"]) for s in symbols), default=0)
    for s in sorted(symbols, key=lambda s: (order.index(s["state"]), s["name"])):
        mark = style.bad if s["state"] in (UNKNOWN, MISSING) else style.good
        yield f"  {s['name']:{width}}  {mark(format(s['state'], '11'))}  {s['by'] or s['consequence']}".rstrip()
