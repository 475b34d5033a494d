"""Kernel variables whose value is made when they are read: by the guest, by kernel functions, and not by writing."""

from collections.abc import Callable
from pathlib import Path

import pytest

from runtime import Machine
from runtime.errors import Killed

HEAD = "#include <linux/module.h>\n#include <linux/mm.h>\n#include <linux/slab.h>\n#include <linux/jiffies.h>\n"
TAIL = '\nmodule_init(m);\nMODULE_LICENSE("GPL");\n'


@pytest.fixture
def ko_of(build_ko: Callable[[Path], Path], tmp_path: Path) -> Callable[[str, str], Path]:
    """Build the text of a module."""

    def make(name: str, text: str) -> Path:
        source = tmp_path / f"{name}.c"
        source.write_text(text)
        return build_ko(source)

    return make


def lines(machine: Machine) -> list[str]:
    return [record.text for record in machine.dmesg() if "taint" not in record.text]


def test_a_kernel_function_may_copy_from_a_watched_page(ko_of: Callable[[str, str], Path]) -> None:
    body = """
    static int __init m(void)
    {
        struct zone *zone = &NODE_DATA(0)->node_zones[0], *copy = kmemdup(zone, sizeof(*zone), GFP_KERNEL);

        pr_info("%s %d\\n", copy->name, zone_page_state(copy, NR_FREE_PAGES) == zone_page_state(zone, NR_FREE_PAGES));
        kfree(copy);
        return 0;
    }"""
    with Machine() as machine:
        machine.insmod(ko_of("copies", HEAD + body + TAIL))
        assert lines(machine) == ["DMA 1"]
        assert not machine.findings


def test_a_bulk_copy_of_all_of_a_node_ends(ko_of: Callable[[str, str], Path]) -> None:
    body = """
    static int __init m(void)
    {
        size_t size = sizeof(*NODE_DATA(0));
        void *copy = kvmalloc(size, GFP_KERNEL);

        memcpy(copy, NODE_DATA(0), size);
        pr_info("%lu\\n", ((pg_data_t *)copy)->node_zones[0].zone_start_pfn);
        kvfree(copy);
        return 0;
    }"""
    with Machine() as machine:
        machine.insmod(ko_of("bulk", HEAD + body + TAIL))
        assert lines(machine) == ["1"]


@pytest.mark.parametrize("target", ["*(unsigned long *)&jiffies", "NODE_DATA(0)->node_zones[0].present_pages"])
def test_a_write_to_a_watched_page_is_an_oops(target: str, ko_of: Callable[[str, str], Path]) -> None:
    body = f"static int __init m(void) {{ {target} = 5; return 0; }}"
    with Machine() as machine:
        with pytest.raises(Killed):
            machine.insmod(ko_of("writes", HEAD + body + TAIL))
        assert [finding.kind for finding in machine.findings] == ["page-fault"]
