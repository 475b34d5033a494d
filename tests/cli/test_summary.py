import io
from types import SimpleNamespace

from cli.summary import SHOWN_CACHES, memory_lines
from runtime.check.tally import count_books
from runtime.report.memory import report
from runtime.report.style import Style

PLAIN = Style(io.StringIO())
STACK = (0xFFFFFFFFC0000010,)
GEOMETRY = {"size": 16, "order": 0, "objects": 256}


def cache(name: str) -> SimpleNamespace:
    return SimpleNamespace(name=name, **GEOMETRY)


def books() -> SimpleNamespace:
    made = SimpleNamespace()
    count_books(made)
    return made


def text(made: SimpleNamespace) -> list[str]:
    return [" ".join(line.split()) for line in memory_lines(report(made), PLAIN)]


def test_a_module_that_allocates_nothing_gets_one_line() -> None:
    assert text(books()) == ["memory: the modules allocated none"]


def test_each_kind_that_was_used_has_a_line() -> None:
    made = books()
    made.pages[3] = (2, 0, STACK)
    made.vmalloc[0x1000] = (8192, 0, STACK)
    made.vmalloc.pop(0x1000)
    assert text(made) == ["memory allocated freed at most left",
                          "pages 1 (16 KiB) 0 16 KiB 1 (16 KiB)",
                          "vmalloc 1 (8 KiB) 1 8 KiB none"]


def test_kmalloc_is_one_line_whatever_its_sizes() -> None:
    made = books()
    for number, size in enumerate((8, 16, 4096)):
        made.slab[number] = (cache(f"kmalloc-{size}"), size, 0, STACK)
        made.slab.pop(number)
    made.slab[9] = (None, 1 << 20, 0, STACK)
    assert text(made)[1:] == ["kmalloc 4 (1.004 MiB) 3 1 MiB 1 (1 MiB)"]


def test_a_cache_shows_its_objects_its_geometry_and_what_it_was_merged_with() -> None:
    made, merged = books(), cache("kmalloc-16")
    made.caches[1] = (merged, "lkp-cache", 12, STACK)
    made.slab[1] = (merged, 12, 0, STACK)
    made.slab.pop(1)
    geometry = "cache lkp-cache: objects of 12 B in slots of 16 B, 256 to a slab of 1 page; merged with kmalloc-16"
    assert text(made)[1:] == ["lkp-cache 1 (12 B) 1 12 B none", f"{geometry}; not destroyed"]
    made.caches.pop(1)
    assert text(made)[2] == geometry


def test_many_caches_share_a_line_and_the_table_stays_short() -> None:
    made = books()
    for number in range(30):
        made.caches[number] = (cache(f"c{number}"), f"c{number}", 16, STACK)
        made.slab[number] = (made.caches[number][0], 16, 0, STACK)
    lines = text(made)
    assert lines[1] == "30 caches 30 (480 B) 0 480 B 30 (480 B)"
    assert lines[-1] == f"and {30 - SHOWN_CACHES} caches more"
    assert len(lines) <= 10
