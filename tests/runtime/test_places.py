"""Findings name the module that they are about, also when its addresses have gone to another one."""

from collections.abc import Callable
from pathlib import Path

import pytest

from runtime import Machine

SOURCE = """
#include <linux/module.h>
#include <linux/slab.h>
static void *kept;
static noinline void *NAME_take(void) { return kmalloc(SIZE, GFP_KERNEL); }
static int __init NAME_init(void) { kept = NAME_take(); return kept ? 0 : -ENOMEM; }
static void __exit NAME_exit(void) { FREE; }
module_init(NAME_init);
module_exit(NAME_exit);
MODULE_LICENSE("GPL");
"""


@pytest.fixture
def make(build_ko: Callable[[Path], Path], tmp_path: Path) -> Callable[[str, int, str], bytes]:
    def build(name: str, size: int, free: str) -> bytes:
        source = tmp_path / f"{name}.c"
        source.write_text(SOURCE.replace("NAME", name).replace("SIZE", str(size)).replace("FREE", free))
        return build_ko(source).read_bytes()

    return build


def test_a_leak_is_named_after_another_module_took_its_addresses(make: Callable[[str, int, str], bytes]) -> None:
    machine = Machine()
    for name in ("first", "second"):
        machine.rmmod(machine.insmod(make(name, 24, "")).name)
    assert [found.module for found in machine.findings] == ["first", "second"]
    named = [machine.frames(found.allocated, known=found.known)[0] for found in machine.findings]
    assert [frame["symbol"] for frame in named] == ["first_init", "second_init"]  # the call is its last: a jump
    assert {frame["line"] for frame in named} <= {5, 6}


def test_the_caches_that_a_module_may_use_are_there_before_it_does(make: Callable[[str, int, str], bytes]) -> None:
    machine = Machine()
    machine.insmod(make("later", 24, "kfree(kept); kfree(kmalloc(1000, GFP_ATOMIC))"))
    assert "kmalloc-1k" in [cache.name for cache in machine.kernel.slab.used_caches()]


def test_what_the_next_module_allocates_is_not_a_leak_of_the_one_before(make: Callable[[str, int, str], bytes]) -> None:
    machine = Machine()
    machine.insmod(make("clean", 24, "kfree(kept)"))
    machine.insmod(make("other", 48, "kfree(kept)"))
    machine.rmmod("clean")
    assert machine.findings == []
    machine.rmmod("other")
    assert machine.findings == []
