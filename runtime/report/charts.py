"""Drawings for the page, as numbers for its template: memory over time, zones as blocks, slabs as objects.

Shapes are stretched to the width of the page; words stand beside them as HTML, so that they stay legible on a phone.
"""

from typing import Any

from runtime.report.style import in_bytes, plural

View = dict[str, Any]
WIDTH, HEIGHT = 1000, 200
ROW_PAGES = 256  # a row of a zone's map: 1 MiB
SHOWN_ROWS = 160
SLOTS_IN_A_ROW = 64
_NAMES = {"slab": "kmalloc and slab", "pages": "pages", "vmalloc": "vmalloc", "percpu": "per-CPU"}
_MIN_LABEL = 9  # percent of the width between two labels


def timeline(data: View) -> View | None:
    """Memory over a run as stacked areas, a step for each allocation or free; None where nothing was allocated."""
    samples = data["samples"]
    top = max((sum(sample[2:]) for sample in samples), default=0)
    if not top:
        return None
    top, events = _round_up(top), max(1, data["events"])
    below = [0] * len(samples)
    areas = []
    for column, kind in enumerate(data["kinds"]):
        above = [low + sample[2 + column] for low, sample in zip(below, samples, strict=True)]
        if above != below:
            points = _steps([sample[0] for sample in samples], above, below, events, top)
            areas.append({"kind": kind, "name": _NAMES.get(kind, kind), "points": points,
                          "peak": in_bytes(data["peaks"][column])})  # fmt: skip
        below = above
    ticks = [{"text": in_bytes(top * part // 4), "at": 100 - 25 * part} for part in range(5)]
    return {"areas": areas, "ticks": ticks, "marks": _marks(data["marks"], events), "events": plural(events, "event"),
            "width": WIDTH, "height": HEIGHT}  # fmt: skip


def _round_up(top: int) -> int:
    """The end of a scale whose quarters are easy to read, in bytes: 4, 5, 6 or 8 times a power of two."""
    power = 1
    while 8 * power < top:
        power *= 2
    return next(part * power for part in (4, 5, 6, 8) if part * power >= top)


def _steps(at: list[int], above: list[int], below: list[int], events: int, top: int) -> str:
    """The outline of an area: along its upper edge, and back along its lower one."""
    def x(event: float) -> str:
        return f"{WIDTH * event / events:.5g}"

    def y(value: int) -> str:
        return f"{HEIGHT - HEIGHT * value / top:.5g}"

    ends = [*at[1:], events + 1]
    upper = [f"{x(start - 1)},{y(v)} {x(end - 1)},{y(v)}" for start, end, v in zip(at, ends, above, strict=True)]
    lower = [f"{x(end - 1)},{y(v)} {x(start - 1)},{y(v)}" for start, end, v in zip(at, ends, below, strict=True)]
    return " ".join(upper + lower[::-1])


def _marks(marks: list[list[Any]], events: int) -> list[View]:
    made: list[View] = []
    for event, text in marks:
        at = round(100 * event / events, 2)
        crowded = any(abs(at - other["at"]) < _MIN_LABEL for other in made if other["text"])
        made.append({"at": at, "text": "" if crowded else text, "title": text, "late": at > 50})
    return made


def zone(data: View) -> View:
    """A zone as a map: rows of 1 MiB, of which those that are wholly alike stand as one."""
    rows = _rows(data["runs"])
    most = max(data["orders"]) or 1
    orders = [{"order": order, "count": count, "share": round(100 * count / most, 1)}
              for order, count in enumerate(data["orders"])]
    node = f" of node {data['node']}" if data["node"] else ""
    return {"name": f"{data['name']}{node}", "rows": [_row(*row) for row in rows[:SHOWN_ROWS]],
            "more": max(0, len(rows) - SHOWN_ROWS), "orders": orders,
            "free": in_bytes(data["free"] << 12), "managed": in_bytes(data["managed"] << 12),
            "owners": sorted({_owner(run[2]) for run in data["runs"]} - {"free"})}  # fmt: skip


def _rows(runs: list[list[Any]]) -> list[tuple[int, list[list[Any]]]]:
    """(first pfn, runs) of each row. A row is 1 MiB, cut at its border; what fills rows wholly is one row."""
    rows: list[tuple[int, list[list[Any]]]] = []
    for pfn, pages, whose, order in runs:
        while pages:
            room = ROW_PAGES - pfn % ROW_PAGES
            whole = pages // ROW_PAGES * ROW_PAGES if room == ROW_PAGES else 0
            take = whole or min(room, pages)
            piece = [pfn, take, whose, order]
            if room == ROW_PAGES or not rows or whole:
                rows.append((pfn, [piece]))
            else:
                rows[-1][1].append(piece)
            pfn, pages = pfn + take, pages - take
    return rows


def _row(start: int, parts: list[list[Any]]) -> View:
    whole = parts[0][1] >= ROW_PAGES
    shapes = [{"x": 0 if whole else pfn % ROW_PAGES, "width": min(pages, ROW_PAGES), "owner": _owner(whose),
               "order": order if whose == "free" else -1, "title": _title(pages, whose, order)}
              for pfn, pages, whose, order in parts]  # fmt: skip
    return {"address": f"{start << 12:#x}", "shapes": shapes, "text": _title(*parts[0][1:]) if whole else ""}


def _owner(whose: str) -> str:
    """The class of a colour: `slab` for the slabs of all caches, `cpu-list`."""
    return "slab" if whose.startswith("slab ") else whose.replace(" ", "-")


def _title(pages: int, whose: str, order: int) -> str:
    """`free, order 10, 61 blocks (244 MiB)`."""
    text = whose
    if order >= 0 and (whose == "free" or order > 0):
        text += f", order {order}"
    if whose == "free" and pages > 1 << order:
        text += f", {pages >> order} blocks"
    return f"{text} ({in_bytes(pages << 12)})"


def cache(data: View) -> View:
    """A slab cache: each slab as rows of little squares."""
    names = [name for name in data["created"] if name != data["name"]]
    alias = f", created as {', '.join(names)}" if names else ""
    pages = plural(1 << data["order"], "page")
    text = (f"objects of {data['object_size']} B in slots of {data['size']} B, {data['objects']} to a slab of {pages}"
            f"{alias}")
    return {"name": data["name"], "text": text, "live": data["live"], "total": data["total"], "more": data["more"],
            "slabs": [_slab(slab) for slab in data["slabs"]]}  # fmt: skip


def _slab(slab: View) -> View:
    slots: str = slab["map"]
    columns = min(SLOTS_IN_A_ROW, len(slots))
    rows = -(-len(slots) // SLOTS_IN_A_ROW)
    paths = {sign: "".join(f"M{10 * (n % SLOTS_IN_A_ROW)} {10 * (n // SLOTS_IN_A_ROW)}h8v8h-8z"
                           for n, other in enumerate(slots) if other == sign) for sign in "#o."}  # fmt: skip
    used = len(slots) - slots.count(".")
    return {"base": f"{slab['base']:#x}", "width": 10 * columns, "height": 10 * rows, "used": used, "total": len(slots),
            "own": paths["#"], "kernel": paths["o"], "free": paths["."]}  # fmt: skip
