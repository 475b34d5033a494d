import re
from typing import Any

import pytest

from tests.runtime.uninit.conftest import HERE, course, line, search

UNINIT, LEAK = "uninitialized", "info-leak"
# how -> kind, and what the message says of the bytes: the item is 64 bytes, in kmalloc-64.
FOUND = {
    "branch": (UNINIT, "a branch depends on bytes 4 to 7 of an object of 64 bytes (kmalloc-64)"),
    "sign": (UNINIT, "a branch depends on byte 7 of an object of 64 bytes (kmalloc-64)"),
    "bit": (UNINIT, "a branch depends on byte 8 of an object of 64 bytes (kmalloc-64)"),
    "value": (UNINIT, "printk() prints a value from bytes 4 to 7 of an object of 64 bytes (kmalloc-64)"),
    "string": (LEAK, "printk() prints byte 51 of an object of 64 bytes (kmalloc-64)"),
    "bytes": (LEAK, "printk() prints bytes 4 to 8 of an object of 64 bytes (kmalloc-64)"),
    "dump": (LEAK, "print_hex_dump() prints bytes 48 to 63 of an object of 64 bytes (kmalloc-64)"),
    "index": (UNINIT, "an address comes from"),
    "pointer": (UNINIT, "an address comes from bytes 16 to 23 of an object of 64 bytes (kmalloc-64)"),
    "argument": (UNINIT, "argument object of kfree() comes from bytes 16 to 23 of an object of 64 bytes (kmalloc-64)"),
    "narrow": (UNINIT, "argument size of __kmalloc() comes from byte 8 of an object of 64 bytes (kmalloc-64)"),
    "lock": (UNINIT, "mutex_lock() goes wrong with"),
    "compare": (UNINIT, "a branch depends on byte 48 of an object of 64 bytes (kmalloc-64)"),
    "length": (UNINIT, "depends on byte 8 of an object of 64 bytes (kmalloc-64)"),
    "bound": (UNINIT, "a branch depends on bytes 4 to 7 of an object of 64 bytes (kmalloc-64)"),
    "array": (UNINIT, "a branch depends on bytes 198 to 199 of an object of 200 bytes (kmalloc-256)"),
    "cache": (UNINIT, "printk() prints a value from byte 8 of an object of 1000 bytes (uninit_item)"),
    "page": (UNINIT, "a branch depends on byte 5000 of 8192 bytes of pages"),
    "vmalloc": (UNINIT, "printk() prints a value from bytes 10000 to 10003 of 12288 bytes from vmalloc"),
    "large": (UNINIT, "a branch depends on bytes 80000 to 80003 of an object of 100000 bytes (kmalloc)"),
    "grown": (UNINIT, "a branch depends on byte 200 of an object of 300 bytes (kmalloc-512)"),
    "again": (UNINIT, "a branch depends on byte 100 of an object of 192 bytes (kmalloc-192)"),
    "constructed": (UNINIT, "a branch depends on byte 51 of an object of 64 bytes (uninit_built)"),
    "exit": (UNINIT, "a branch depends on byte 8 of an object of 64 bytes (kmalloc-64)"),
}
FINE = re.findall(r'"(fine_\w+)"', (HERE / "heap.c").read_text())


def frames(finding: dict[str, Any], key: str, source: str) -> list[int]:
    """The lines of a module's own frames."""
    return [frame["line"] for frame in finding[key] if (frame["file"] or "").endswith(source)]


@pytest.mark.parametrize("how", FOUND)
def test_a_use_of_uninitialised_memory_is_found_once_at_its_line_with_the_bytes(heap: bytes, how: str) -> None:
    (finding,) = search(heap, "heap", how).findings()
    kind, text = FOUND[how]
    assert finding["kind"] == kind
    assert text in finding["message"] and finding["message"].endswith(", which nobody has initialised")
    assert frames(finding, "at", "heap.c")[0] == line("heap.c", how)
    assert frames(finding, "allocated", "heap.c")
    assert finding["module"] == "heap" and finding["address"] and finding["size"]


@pytest.mark.parametrize("how", FINE)
def test_correct_code_gives_nothing(heap: bytes, how: str) -> None:
    made = course(heap, "heap", how)
    made.run()
    assert made.results == ["ok", "ok"], "it works"
    assert search(heap, "heap", how).findings() == []


def test_what_is_read_after_it_was_freed_is_a_use_after_free(heap: bytes) -> None:
    (finding,) = search(heap, "heap", "freed").findings()
    assert finding["kind"] == "use-after-free"
    assert finding["message"] == "a branch depends on byte 9 of memory of 512 bytes that is freed by now"
    assert frames(finding, "at", "heap.c")[0] == line("heap.c", "freed")
    assert frames(finding, "freed", "heap.c")[0] == line("heap.c", "freed") - 1


def test_what_is_read_before_it_is_freed_is_uninitialised(heap: bytes) -> None:
    (finding,) = search(heap, "heap", "before").findings()
    assert finding["kind"] == UNINIT and not finding["freed"]
    assert finding["message"].endswith("that is freed by now, which nobody has initialised")
    assert frames(finding, "at", "heap.c")[0] == line("heap.c", "before")


def test_memory_of_a_slab_that_nobody_has_is_read_out_of_bounds(heap: bytes) -> None:
    for finding in search(heap, "heap", "beyond").findings():
        assert finding["kind"] == "out-of-bounds"
        assert finding["message"].startswith("a branch depends on 1 byte, ")
        assert finding["message"].endswith(" behind an object of 500 bytes (kmalloc-512)")


def test_a_corrupted_list_is_seen_where_the_kernel_is_given_its_pointers(heap_ko: bytes) -> None:
    (finding,) = search(heap_ko, "heap", "list").findings()
    assert finding["kind"] == UNINIT
    assert finding["message"].startswith("argument next of __list_add_valid() comes from bytes 32 to 39 of an object")
    assert line("heap.c", "list") in frames(finding, "at", "heap.c")


def test_a_result_of_init_may_come_from_uninitialised_memory(heap_ko: bytes) -> None:
    (finding,) = search(heap_ko, "heap", "result").findings()
    assert finding["kind"] == UNINIT and "byte 4 of an object of 64 bytes" in finding["message"]


def test_objects_with_fences_are_named_by_their_address(heap_ko: bytes) -> None:
    (finding,) = search(heap_ko, "heap", "value", fences="right").findings()
    (unfenced,) = search(heap_ko, "heap", "value").findings()
    assert finding["message"] == unfenced["message"]
    assert finding["address"] > unfenced["address"], "beyond the RAM"
    assert finding["at"] == unfenced["at"] and finding["allocated"] == unfenced["allocated"]


@pytest.mark.parametrize("how", ["pointer", "vmalloc", "page", "large", "cache"])
def test_with_fences_the_same_is_found(heap_ko: bytes, how: str) -> None:
    (finding,) = search(heap_ko, "heap", how, fences="right").findings()
    assert finding["kind"] == FOUND[how][0] and finding["message"].startswith(FOUND[how][1])


def test_the_findings_are_the_same_each_time(heap_ko: bytes) -> None:
    assert search(heap_ko, "heap", "bytes").findings() == search(heap_ko, "heap", "bytes").findings()


def test_correct_code_is_run_three_times_and_no_more(heap_ko: bytes) -> None:
    made = search(heap_ko, "heap", "fine_sum")
    made.findings()
    assert made.runs.done == 3


@pytest.mark.parametrize(
    "how, kind, text",
    [
        ("variable", UNINIT, "a branch depends on bytes 0 to 3 of n, a variable of use_variable() on the stack"),
        ("padding", LEAK, "printk() prints bytes 1 to 3 of x, a variable of use_padding() on the stack"),
        ("buffer", LEAK, "printk() prints byte 3 of buffer, a variable of use_buffer() on the stack"),
    ],
)
def test_stack_variables_that_the_compiler_leaves_alone_are_looked_at(
    stack: bytes, how: str, kind: str, text: str
) -> None:
    (finding,) = search(stack, "stack", how).findings()
    assert finding["kind"] == kind and finding["message"].startswith(text)
    assert frames(finding, "at", "stack.c")[0] == line("stack.c", how)


@pytest.mark.parametrize("how", ["variable mode=5", "buffer mode=5", "none"])
def test_initialised_stack_variables_give_nothing(stack: bytes, how: str) -> None:
    assert search(stack, "stack", how).findings() == []


@pytest.mark.parametrize("how", ["variable", "padding", "buffer"])
def test_where_the_compiler_zeroes_the_stack_there_is_nothing_to_find(zeroed_stack: bytes, how: str) -> None:
    made = search(zeroed_stack, "stack", how)
    assert made.findings() == [] and not made.runs.stack
