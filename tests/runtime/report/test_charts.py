import pytest

from runtime.report import charts


def line(samples: list[list[int]], marks: list[list] | None = None) -> dict:
    peaks = [max(sample[2 + kind] for sample in samples) for kind in range(2)]
    return {"kinds": ["slab", "pages"], "events": samples[-1][0], "samples": samples, "marks": marks or [],
            "peaks": peaks}


def points(area: dict) -> list[tuple[float, float]]:
    return [tuple(map(float, pair.split(","))) for pair in area["points"].split()]


def test_areas_lie_on_each_other() -> None:
    drawn = charts.timeline(line([[1, 0, 1024, 0], [2, 0, 1024, 3072]]))
    assert drawn is not None
    slab, pages = drawn["areas"]
    assert points(slab)[:4] == [(0, 150), (500, 150), (500, 150), (1000, 150)]
    assert points(slab)[4:] == [(1000, 200), (500, 200), (500, 200), (0, 200)]
    assert points(pages)[:4] == [(0, 150), (500, 150), (500, 0), (1000, 0)]
    assert points(pages)[4:] == points(slab)[3::-1]
    assert [tick["text"] for tick in drawn["ticks"]] == ["0 B", "1 KiB", "2 KiB", "3 KiB", "4 KiB"]


@pytest.mark.parametrize(("top", "end"), [(1, "4 B"), (4, "4 B"), (9, "10 B"), (700, "768 B"), (12289, "16 KiB"),
                                          (16385, "20 KiB"), (1 << 30, "1 GiB")])
def test_the_scale_ends_above_the_top(top: int, end: str) -> None:
    drawn = charts.timeline(line([[1, 0, top, 0]]))
    assert drawn is not None and drawn["ticks"][-1] == {"text": end, "at": 0}


def test_kinds_that_were_not_used_are_left_out() -> None:
    drawn = charts.timeline(line([[1, 0, 100, 0]]))
    assert drawn is not None and [area["kind"] for area in drawn["areas"]] == ["slab"]


def test_nothing_allocated_is_no_chart() -> None:
    assert charts.timeline({"kinds": [], "events": 0, "samples": [], "marks": [], "peaks": []}) is None
    assert charts.timeline(line([[1, 0, 0, 0]])) is None


def test_labels_that_would_overlap_are_left_to_their_line() -> None:
    drawn = charts.timeline(line([[100, 0, 8, 0]], [[0, "insmod a"], [1, "insmod b"], [60, "rmmod b"], [100, "end"]]))
    assert drawn is not None
    assert [mark["text"] for mark in drawn["marks"]] == ["insmod a", "", "rmmod b", "end"]
    assert [mark["title"] for mark in drawn["marks"]] == ["insmod a", "insmod b", "rmmod b", "end"]


def zone(runs: list[list]) -> dict:
    made = {"name": "DMA32", "node": 0, "start": runs[0][0], "pages": 0, "managed": 100, "free": 10, "orders": [1] * 11}
    return charts.zone({**made, "runs": runs})


def test_rows_are_a_mib_and_begin_where_their_pages_lie() -> None:
    drawn = zone([[0x101, 255, "free", 0], [0x200, 16, "pages", 4], [0x210, 240, "kernel", -1]])
    assert [row["address"] for row in drawn["rows"]] == ["0x101000", "0x200000"]
    assert [(shape["x"], shape["width"]) for shape in drawn["rows"][0]["shapes"]] == [(1, 255)]
    assert [(shape["x"], shape["width"], shape["owner"]) for shape in drawn["rows"][1]["shapes"]] == [
        (0, 16, "pages"), (16, 240, "kernel")]


def test_what_fills_rows_is_one_row_that_says_what_it_is() -> None:
    drawn = zone([[0x400, 4096, "free", 10], [0x1400, 300, "kernel", -1]])
    assert [row["text"] for row in drawn["rows"]] == ["free, order 10, 4 blocks (16 MiB)", "kernel (1 MiB)", ""]
    assert drawn["rows"][2]["shapes"][0]["width"] == 44


def test_pages_are_neither_lost_nor_drawn_twice() -> None:
    runs = [[1, 3, "free", 0], [4, 700, "slab x", 0], [704, 1024, "free", 10], [1728, 5, "cpu list", 0]]
    drawn = zone(runs)
    small = sum(shape["width"] for row in drawn["rows"] if not row["text"] for shape in row["shapes"])
    assert small == 3 + (256 - 4) + (704 - 512) + (768 - 704) + (1728 - 1536) + 5
    assert drawn["owners"] == ["cpu-list", "slab"]


def test_a_zone_with_many_rows_says_how_many_are_not_shown() -> None:
    drawn = zone([[256 * n + half, 128, ("kernel", "pages")[half > 0], 0] for n in range(300) for half in (0, 128)])
    assert (len(drawn["rows"]), drawn["more"]) == (charts.SHOWN_ROWS, 300 - charts.SHOWN_ROWS)


def test_a_slab_is_a_square_for_each_slot() -> None:
    slots = "#" * 70 + "o" + "." * 9
    data = {"name": "kmalloc-64", "created": ["own"], "size": 64, "object_size": 60, "order": 0, "objects": 80,
            "slabs": [{"base": 0xFFFF888000001000, "map": slots}], "more": 0, "live": 71, "total": 80}
    drawn = charts.cache(data)
    [slab] = drawn["slabs"]
    assert (slab["width"], slab["height"], slab["used"], slab["total"]) == (640, 20, 71, 80)
    assert [slab[kind].count("M") for kind in ("own", "kernel", "free")] == [70, 1, 9]
    assert slab["own"].endswith("M50 10h8v8h-8z")
    assert drawn["text"].endswith("80 to a slab of 1 page, created as own")
