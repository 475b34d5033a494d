"""The rooms of the house, held against the code: who imports whom, how long things are, what kernel functions say."""

import ast
import re
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("runtime", "kapi", "toolchain", "cli")
FLOOR_0 = {"units", "c", "errors", "undo", "arch", "abi", "native"}
MEMORY = FLOOR_0 | {"ram", "paging", "memory"}
ROOMS = MEMORY | {"mm", "printk", "loader", "oops", "cpu", "sched", "check", "clock", "inject", "rng", "lib", "symbols",
                  "devices"}
# What is one file beside the machine: each joins some rooms, none the machine or kapi.
JOINTS = {"boot", "cmdline", "directmap", "dirty", "image", "insmod", "patched", "places", "proc", "processor",
          "provide", "snapshot", "trouble", "witness"}

# Room -> the rooms that it may import besides itself. Rooms of runtime/ are named without "runtime.".
MAY_IMPORT = {
    "units": set(),
    "errors": set(),
    "undo": set(),
    "native": set(),
    "c": {"units", "errors"},
    "arch": {"units"},
    "abi": {"units", "errors"},
    "ram": {"units", "undo"},
    "paging": {"units", "errors", "undo", "arch", "ram"},
    "memory": {"units", "errors", "undo", "arch", "ram", "paging"},
    "rng": {"undo"},
    "lib": MEMORY,
    "devices": MEMORY,
    "mm": MEMORY | {"rng"},
    "printk": FLOOR_0 | {"memory"},
    "loader": FLOOR_0,
    "oops": FLOOR_0 | {"loader", "memory"},
    "clock": {"units", "undo"},
    "symbols": {"units"},
    "sched": {"units", "undo", "errors", "arch"},
    "check": FLOOR_0 | {"inject"},  # the names of what was made to fail
    "uninit": MEMORY | {"check", "cpu", "loader", "mm"},  # observes machines that it is given
    "inject": FLOOR_0,
    "coverage": FLOOR_0 | {"cpu", "loader"},
    "report": FLOOR_0 | {"inject"},
    "cpu": MEMORY | {"sched"},
    "cmdline": FLOOR_0,
    "directmap": MEMORY,
    "dirty": MEMORY,
    "snapshot": MEMORY | {"dirty"},
    "image": MEMORY | {"cpu", "symbols"},
    "processor": MEMORY | {"cpu", "loader", "sched"},
    "patched": FLOOR_0 | {"loader"},
    "trouble": FLOOR_0 | {"oops", "check", "patched", "mm", "sched"},
    "insmod": FLOOR_0 | {"lib", "loader", "oops", "symbols", "check"},
    "places": FLOOR_0 | {"loader"},
    "witness": FLOOR_0 | {"inject"},
    "proc": FLOOR_0 | {"loader", "mm", "devices"},
    "kernel": ROOMS | JOINTS - {"boot", "provide"},
    "boot": ROOMS | {"cmdline", "directmap", "image", "kernel"},
    "provide": FLOOR_0 | {"loader", "kernel"},
    "kapi": {"c", "errors", "kernel", "lib", "devices"},
    "machine": ROOMS | JOINTS | {"kernel", "kapi", "coverage"},
    "sweep": ROOMS | {"coverage", "kernel", "insmod", "machine", "report", "uninit"},  # drives machines
    "runtime": {"machine", "check", "kapi"},
    "toolchain": FLOOR_0,
    # errors, units, abi and the readers of the loader import nothing heavy: info needs no machine.
    "cli": {"runtime", "errors", "units", "abi", "loader", "toolchain", "inject", "sweep", "report", "uninit",
            "coverage"},
}
# A library -> the only places that import it.
ONLY_IN = {
    "unicorn": ("runtime/cpu/",),
    "elftools": ("runtime/loader/", "toolchain/abi_probe.py"),
    "capstone": ("runtime/oops/", "runtime/loader/", "runtime/cpu/"),
    "jinja2": ("runtime/report/",),
    "distributed": ("runtime/sweep/cluster.py",),
    "tqdm": ("cli/progress.py",),
}
MAX_FILE_LINES = 400
MAX_FUNCTION_LINES = 60


@cache
def sources() -> tuple[Path, ...]:
    """The project's own Python files, tests left out."""
    return tuple(path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py")))


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def room_of(module: str) -> str:
    """`runtime.mm.slab` -> mm, `runtime` -> runtime, `kapi.slab` -> kapi."""
    first, _, rest = module.partition(".")
    return rest.partition(".")[0] if first == "runtime" and rest else first


def module_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def nodes(path: Path, types: bool) -> Iterator[ast.AST]:
    """All nodes; those below `if TYPE_CHECKING:` only where types is set: nothing is imported there at run time."""
    waiting: list[ast.AST] = [tree(path)]
    while waiting:
        node = waiting.pop()
        yield node
        if types or not (isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"):
            waiting += ast.iter_child_nodes(node)


def imports(path: Path, types: bool = False) -> Iterator[tuple[int, str]]:
    """Line and full module name of each import, those inside functions too."""
    for node in nodes(path, types):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                above = module_of(path).split(".")[: -node.level or None]
                base = ".".join([*above, base] if base else above)
            # `from runtime import mm` names the module in the list, `from runtime.mm import x` in the base.
            yield from ((node.lineno, f"runtime.{alias.name}" if base == "runtime" and is_room(alias.name) else base)
                        for alias in node.names)


def is_room(name: str) -> bool:
    return (ROOT / "runtime" / name).is_dir() or (ROOT / "runtime" / f"{name}.py").is_file()


def functions(path: Path) -> Iterator[ast.FunctionDef]:
    return (node for node in ast.walk(tree(path)) if isinstance(node, ast.FunctionDef))


def test_the_tree_has_all_its_rooms() -> None:
    assert {path.relative_to(ROOT).parts[0] for path in sources()} == set(PACKAGES)


def test_every_room_of_the_tree_is_in_the_table() -> None:
    assert {room_of(module_of(path)) for path in sources()} <= set(MAY_IMPORT)


def test_a_room_imports_itself_and_the_rooms_below_it() -> None:
    wrong = []
    for path in sources():
        room = room_of(module_of(path))
        for line, module in imports(path):
            if module.partition(".")[0] in PACKAGES and room_of(module) not in MAY_IMPORT[room] | {room}:
                wrong.append(f"{name_of(path)}:{line}: {room} imports {module}")
    assert not wrong, "\n".join(wrong)


def test_the_table_has_no_circle() -> None:
    seen: set[str] = set()

    def visit(room: str, above: tuple[str, ...]) -> None:
        assert room not in above, f"{room} imports itself through {above}"
        if room not in seen:
            for below in MAY_IMPORT[room] - {room}:
                visit(below, (*above, room))
            seen.add(room)

    for room in MAY_IMPORT:
        visit(room, ())


def test_only_the_machine_and_the_front_door_name_the_kernel_api() -> None:
    naming = {name_of(path) for path in sources() for _, module in imports(path, types=True)
              if room_of(module) == "kapi" and room_of(module_of(path)) != "kapi"}
    assert naming == {"runtime/machine.py", "runtime/__init__.py"}


def test_nothing_in_runtime_but_the_sweep_names_the_machine() -> None:
    naming = {name_of(path) for path in sources() for _, module in imports(path, types=True)
              if room_of(module) == "machine" and room_of(module_of(path)) not in ("machine", "cli", "sweep")}
    assert naming == {"runtime/__init__.py"}


@pytest.mark.parametrize("library", ONLY_IN)
def test_a_heavy_library_stays_in_its_room(library: str) -> None:
    using = [name_of(path) for path in sources() if any(m.partition(".")[0] == library for _, m in imports(path))]
    using += [name_of(path) for path in sources() if f'import_module("{library}' in path.read_text()]
    assert using, f"nothing imports {library}"
    assert not [path for path in using if not path.startswith(ONLY_IN[library])]


def test_files_are_short() -> None:
    sizes = {name_of(path): path.read_text().count("\n") for path in sources()}
    assert not {path: size for path, size in sizes.items() if size > MAX_FILE_LINES}


def test_functions_are_short() -> None:
    sizes = sorted((f.end_lineno - f.lineno + 1, f"{name_of(path)}:{f.lineno} {f.name}")
                   for path in sources() for f in functions(path) if f.end_lineno)
    assert not [row for row in sizes if row[0] > MAX_FUNCTION_LINES]
    assert sizes[len(sizes) * 9 // 10][0] <= 25, "90 % of the functions are at most 25 lines long"


def test_every_file_begins_with_what_it_is_for() -> None:
    assert not [name_of(path) for path in sources() if path.name != "__main__.py"
                and path.read_text().strip() and not ast.get_docstring(tree(path))]


def exported() -> Iterator[tuple[Path, ast.FunctionDef]]:
    for path in sources():
        if path.relative_to(ROOT).parts[0] == "kapi":
            for function in functions(path):
                names = [d.func if isinstance(d, ast.Call) else d for d in function.decorator_list]
                if any(isinstance(name, ast.Name) and name.id == "export" for name in names):
                    yield path, function


def test_a_kernel_function_is_its_c_prototype() -> None:
    wrong = []
    for path, function in exported():
        first, *rest = function.args.args
        missing = [a.arg for a in rest if a.annotation is None] + ([] if function.returns else ["return"])
        if first.arg != "k" or missing or function.args.vararg or function.args.defaults:
            wrong.append(f"{name_of(path)}:{function.lineno} {function.name}: {missing or first.arg}")
    assert next(exported(), None), "no kernel function is exported"
    assert not wrong, "\n".join(wrong)


def test_no_kernel_function_only_returns_a_constant() -> None:
    """A stub that returns a constant is a lie: where Linux itself does nothing, the docstring says so with `Linux:`."""
    def is_empty(function: ast.FunctionDef) -> bool:
        body = [b for b in function.body if not (isinstance(b, ast.Expr) and isinstance(b.value, ast.Constant))]
        return all(isinstance(b, ast.Pass) or isinstance(b, ast.Return) and isinstance(b.value, ast.Constant | None)
                   for b in body)
    assert not [f"{name_of(path)}:{f.lineno} {f.name}" for path, f in exported()
                if is_empty(f) and "Linux:" not in (ast.get_docstring(f) or "")]


def test_kernel_functions_read_their_annotations_at_run_time() -> None:
    lazy = re.compile(r"^from __future__ import annotations", re.M)
    assert not [name_of(p) for p in sources() if name_of(p).startswith("kapi/") and lazy.search(p.read_text())]


def tracked() -> list[Path]:
    out = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True)
    if out.returncode:
        pytest.skip("not a git work tree: clone the project with git")
    return [ROOT / name for name in out.stdout.decode().split("\0") if name]


def test_the_tree_names_no_path_of_the_machine_it_was_written_on() -> None:
    # Patterns that do not match themselves.
    private = re.compile(rb"/w[o]rk/|/tmp/[w]/|\.libr[a]ry/|shar[e]d/(?:DESIGN|STYLE|FACTS|lab|oracle|reference)")
    assert not [name_of(path) for path in tracked() if path.is_file() and private.search(path.read_bytes())]


def test_nothing_is_marked_as_unfinished() -> None:
    mark = re.compile(r"\b(TO[D]O|FIX[M]E|XX[X]|HAC[K]|NotImplemented[E]rror)\b")
    assert not [f"{name_of(path)}: {found[0]}" for path in sources() if (found := mark.search(path.read_text()))]
