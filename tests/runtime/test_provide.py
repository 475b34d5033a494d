"""When symbols are made, and what the user reads when a module calls what kmodrun lacks."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

import kapi
from runtime import Machine
from runtime.abi import load
from runtime.errors import Unsupported

ROOT = Path(__file__).resolve().parents[2]

SOURCE = """
#include <linux/module.h>
#include <linux/netdevice.h>

static int __init last_call_init(void)
{
	return register_netdevice_notifier((struct notifier_block *)THIS_MODULE);
}

static void __exit last_call_exit(void)
{
}

module_init(last_call_init);
module_exit(last_call_exit);
MODULE_LICENSE("GPL");
"""


def test_a_gap_that_is_the_last_call_of_init_names_its_line(tmp_path: Path, build_ko: Callable[[Path], Path]) -> None:
    """The compiler makes it a jump: init itself is on no stack."""
    source = tmp_path / "last_call.c"
    source.write_text(SOURCE)
    with Machine() as machine, pytest.raises(Unsupported) as caught:
        machine.insmod(build_ko(source))
    line = 1 + SOURCE.splitlines().index("\treturn register_netdevice_notifier((struct notifier_block *)THIS_MODULE);")
    assert re.fullmatch(
        rf"register_netdevice_notifier\(\) called from last_call_init\+0x\w+ \(last_call.c:{line}\)", str(caught.value))


def grown(machine: Machine, module: Path, measure: Callable[[], object]) -> tuple[object, object]:
    """What is measured before the module's first call of the kernel, and when it has gone."""
    seen: list[object] = []

    def before() -> int:
        seen.append(measure())
        return 0

    machine.loop.watch(before)
    machine.insmod(module)
    machine.rmmod(module.stem)
    return seen[0], measure()


@pytest.mark.parametrize(
    "source",
    [
        "modules/devices/misc_device.c", "modules/memory/xarray_idr.c", "modules/memory/printk_ratelimit.c",
        "modules/memory/symbols_by_name.c", "tests/data/lib/lib_kernel.c", "tests/data/lib/lib_xas.c",
        "tests/data/printk/printk_api.c",
    ],
)  # fmt: skip
def test_no_call_makes_a_variable_of_the_kernels(source: str, build_ko: Callable[[Path], Path]) -> None:
    """In Linux they are there from boot on: a module that is taken back before a call does not find them made anew."""
    module = build_ko(ROOT / source)
    with Machine(rewindable=True) as machine:
        before, after = grown(machine, module, lambda: machine.kernel.image.data_bytes)
    assert before == after


@pytest.mark.parametrize("name", ["char_numbers", "misc_numbers", "proc_entries"])
def test_no_call_makes_the_cache_that_the_kernels_own_objects_come_from(
    name: str, build_ko: Callable[[Path], Path]
) -> None:
    module = build_ko(ROOT / f"modules/devices/{name}.c")
    with Machine(rewindable=True) as machine:
        slab = machine.kernel.slab
        before, after = grown(machine, module, lambda: [cache.name for cache in slab.used_caches()])
    assert before == after


def test_variables_that_linux_does_not_export_come_with_the_functions_of_their_files() -> None:
    exports = load().exports
    assert [name for name in kapi.data if (exports.find(name) is None) != kapi.data[name].static] == []


def test_a_variable_that_no_function_uses_is_not_made(build_ko: Callable[[Path], Path]) -> None:
    with Machine() as machine:
        machine.insmod(build_ko(ROOT / "modules/lecture/slab_test.c"))
        assert not machine.kernel.provider.made("misc_list")
