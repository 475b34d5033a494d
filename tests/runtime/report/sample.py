"""The result of a sweep over widget.c, written by hand: findings of several kinds, pairs, a gap, coverage.

Line numbers are looked up in the source, so that it can be edited.
"""

import json
from pathlib import Path
from typing import Any

SOURCE = Path(__file__).with_name("widget.c")
LINES = SOURCE.read_text().splitlines()
Frame = dict[str, Any]

# Sites in the order of the normal run: kind, kernel function, cache, size, the text of its line.
SITES = [
    ("slab", "kmalloc", "kmalloc-128", 100, "buffer = kmalloc"),
    ("cache", "kmem_cache_create", "widget_items", 40, "cache = kmem_cache_create"),
    ("slab", "kmem_cache_alloc", "widget_items", 40, "first = kmem_cache_alloc"),
    ("vmalloc", "vmalloc", "", 12288, "table = vmalloc"),
    ("page", "alloc_pages", "", 4096, "page = alloc_page"),
    ("percpu", "__alloc_percpu", "", 8, "hits = alloc_percpu"),
    ("call", "misc_register", "", 0, "err = misc_register"),
]  # fmt: skip


def line(text: str, nth: int = 0) -> int:
    """The number of the nth line with this text."""
    return [number for number, content in enumerate(LINES, 1) if text in content][nth]


def frame(text: str, symbol: str = "widget_init", nth: int = 0) -> Frame:
    number = line(text, nth)
    return {"symbol": symbol, "offset": 4 * number, "module": "widget", "file": str(SOURCE), "line": number}


def kernel(symbol: str, offset: int) -> Frame:
    return {"symbol": symbol, "offset": offset, "module": None, "file": None, "line": 0}


def stack(*frames: Frame) -> list[Frame]:
    return [*frames, kernel("do_one_initcall", 0x59), kernel("do_init_module", 0x4A)]


def finding(kind: str, message: str, scenarios: list[int], **details: Any) -> dict[str, Any]:
    empty = {"module": "widget", "address": 0, "size": 0, "at": [], "allocated": [], "freed": [], "failed": []}
    return {"kind": kind, "message": message, **empty, **details, "scenarios": scenarios}


def findings() -> list[dict[str, Any]]:
    drop = frame("kmem_cache_free(cache, item)", "drop_item")
    again = stack(drop, frame("drop_item(first);", nth=1))
    freed = stack(drop, frame("drop_item(first);"))
    return [
        finding("warn", "a value < 0 & > 9 is \"odd\"", [0], at=stack(frame("opened++", "widget_open"))),
        finding("null-deref", "write of 8 bytes to address 0x0", [4, 10], at=stack(frame("table[0] = first->key")),
                failed=stack(frame("table = vmalloc"))),
        finding("double-free", "kmem_cache_free() of an object of widget_items that is free", [5],
                address=0xFFFF888003A40028, size=40, at=again, freed=freed,
                allocated=stack(frame("first = kmem_cache_alloc")), failed=stack(frame("page = alloc_page"))),
        finding("leak", "12288 bytes from vmalloc: still allocated after widget has gone", [6, 7],
                address=0xFFFFC90000005000, size=12288, allocated=stack(frame("table = vmalloc")),
                failed=stack(frame("hits = alloc_percpu"))),
    ]  # fmt: skip


def scenario(fails: list[int], verdict: str, result: str, found: list[int]) -> dict[str, Any]:
    nth = [site + 1 for site in fails]
    words = "".join(f" --fail nth={n}" for n in nth)
    init = result.partition(": ")[2] or "ok"
    steps = [{"step": "insmod widget", "result": init},
             {"step": "rmmod widget", "result": "ok" if init == "ok" else "skipped"}]
    return {"fails": fails, "nth": nth, "verdict": verdict, "result": result, "steps": steps, "findings": found,
            "replay": f"kmodrun run widget.ko --check{words}", "log": 2}


def scenarios() -> list[dict[str, Any]]:
    enomem = "insmod widget: ENOMEM"
    return [
        scenario([], "findings", "", [0]),
        scenario([0], "handled", enomem, []),
        scenario([1], "handled", enomem, []),
        scenario([2], "handled", enomem, []),
        scenario([3], "findings", "insmod widget: killed: SIGKILL", [1]),
        scenario([4], "findings", enomem, [2]),
        scenario([5], "findings", enomem, [3]),
        scenario([6], "findings", "insmod widget: EBUSY", [3]),
        scenario([1, 4], "ignored", "", []),
        scenario([2, 6], "unsupported", "", []),
        scenario([3, 5], "findings", "insmod widget: killed: SIGKILL", [1]),
    ]


def coverage() -> dict[str, Any]:
    file = str(SOURCE)
    start, end = line("int err = -ENOMEM"), line("static void __exit widget_exit")
    code = [n for n in range(start, end) if LINES[n - 1].startswith("\t") and LINES[n - 1].endswith((";", ")"))]
    normal = {n for n in code if n <= line("return 0;", 1) and "goto" not in LINES[n - 1]} - {line("return -ENOMEM")}
    never = {line("free_percpu(hits)"), line("goto free_hits")}
    lines = {str(n): [int(n in normal), int(n not in never)] for n in code}
    return {
        "lines": {file: lines},
        "branches": {file: {str(line("if (!buffer)")): [[0, 1], [1, 1]], str(line("if (err)")): [[0, 0], [1, 1]]}},
        "functions": {file: {"widget_init": [start - 2, 1, 1], "widget_open": [line("opened++") - 2, 0, 0]}},
        "missed": [{"file": file, "line": n, "function": "widget_init", "why": "error path never reached"}
                   for n in sorted(never)],
    }  # fmt: skip


def memory() -> dict[str, Any]:
    def row(allocs: int, size: int, left: int = 0) -> dict[str, int]:
        return {"allocs": allocs, "frees": allocs - left, "bytes": allocs * size, "peak_bytes": allocs * size,
                "left": left, "left_bytes": left * size}

    cache = {"name": "widget_items", "object_size": 40, "size": 40, "order": 0, "objects_per_slab": 102,
             "merged_with": None, "destroyed": True}
    return {"pages": row(1, 4096), "vmalloc": row(1, 12288), "percpu": row(1, 8), "kmalloc": row(1, 100),
            "slab": row(1, 40), "by_cache": {"kmalloc-128": row(1, 100), "widget_items": row(1, 40)}, "caches": [cache]}


def result() -> dict[str, Any]:
    """A new copy of the whole, in which no two parts are one object."""
    made = {
        "version": 1,
        "modules": [{"name": "widget", "path": "widget.ko"}],
        "steps": ["insmod widget", "rmmod widget"],
        "options": {"seed": 0, "memory": 268435456, "cpus": 2, "fences": "right", "depth": 2, "every_event": False},
        "sites": [{"kind": kind, "function": function, "what": what, "size": size, "gfp": 3264, "step": "insmod widget",
                   "at": stack(frame(text)), "module": "widget", "hits": 1}
                  for kind, function, what, size, text in SITES],
        "scenarios": scenarios(),
        "findings": findings(),
        "unsupported": ["kset_register() called from widget_init+0x12 (widget.c:80)"],
        "notes": ["the compiler has zeroed all stack variables of widget"],
        "coverage": coverage(),
        "memory": memory(),
        "log": [{"level": 4, "time": 0.000012, "text": "widget: loading out-of-tree module taints kernel."},
                {"level": 6, "time": 0.004, "text": "widget: <ready> & waiting"}],
    }  # fmt: skip
    return json.loads(json.dumps(made))


def with_finding(only: dict[str, Any]) -> dict[str, Any]:
    """The result with this finding instead of all others."""
    made = result()
    made["findings"] = [only]
    for index, row in enumerate(made["scenarios"]):
        row["findings"] = [0] if index in only["scenarios"] else []
    return made


def run_result() -> dict[str, Any]:
    """The same module as `kmodrun run --json` tells of it: no sites, no scenarios."""
    found = [{key: value for key, value in row.items() if key != "scenarios"} for row in findings()]
    return {"modules": [{"name": "widget", "init": 0, "exit": True}], "log": result()["log"], "findings": found,
            "unsupported": [], "memory": memory()}


def clean_result() -> dict[str, Any]:
    """Nothing found, and nothing left out."""
    made = result()
    made.update(findings=[], unsupported=[], scenarios=[scenario([], "clean", "", []), *made["scenarios"][1:4]])
    return made
