"""What lies at an address: beside objects of vmalloc(), in memory of modules that is freed. Objects with fences are in
tests/test_fences.py.
"""

from collections.abc import Callable
from pathlib import Path

import pytest

from runtime import Machine
from runtime.check.where import Lies, describe

SOURCE = Path(__file__).resolve().parents[2] / "data/fences/trespass.c"
PAGE = 4096


@pytest.fixture(scope="module")
def trespass(build_ko: Callable[[Path], Path]) -> bytes:
    return build_ko(SOURCE).read_bytes()


def text(lies: Lies | None) -> str:
    assert lies is not None
    return f"{lies.kind}: {lies.text}"


def area(machine: Machine, size: int) -> int:
    return machine.kernel.vmalloc.vmalloc(size)


@pytest.mark.parametrize("side", ["", "right"])
def test_beside_an_area_of_vmalloc(side: str) -> None:
    machine = Machine(fences=side)
    k = machine.kernel
    first, second = area(machine, 5000), area(machine, 100)
    assert second == first + 3 * PAGE
    assert describe(k, first) is None and describe(k, first + 4999) is None
    assert text(describe(k, first + 2 * PAGE)) == (
        "out-of-bounds: memory 3192 bytes right of an object of 5000 bytes of vmalloc()"
    )
    assert text(describe(k, second - 3)) == "out-of-bounds: memory 3 bytes left of an object of 100 bytes of vmalloc()"
    found = describe(k, second - 3)
    assert found is not None and (found.address, found.size, found.freed) == (second, 100, ())


def test_in_a_freed_area_of_vmalloc() -> None:
    machine = Machine(fences="right")
    k = machine.kernel
    first = area(machine, 5000)
    k.vmalloc.vfree(first)
    assert text(describe(k, first + 7)) == "use-after-free: byte 7 of a freed object of 5000 bytes of vmalloc()"
    k.vmalloc.purge()
    assert text(describe(k, first + 7)) == "use-after-free: byte 7 of a freed object of 5000 bytes of vmalloc()"


def test_a_freed_area_is_known_without_fences_while_its_addresses_are_held_back() -> None:
    machine = Machine()
    k = machine.kernel
    first = area(machine, 5000)
    k.vmalloc.vfree(first)
    assert text(describe(k, first + 7)) == "use-after-free: byte 7 of a freed object of 8192 bytes of vmalloc()"
    k.vmalloc.purge()
    assert describe(k, first + 7) is None


def test_a_module_that_has_gone_is_named(trespass: bytes) -> None:
    machine = Machine()
    machine.insmod(trespass)
    module = machine.kernel.modules.loaded["trespass"]
    inside, init = module.exit + 4, module.init
    assert describe(machine.kernel, inside) is None
    assert text(describe(machine.kernel, init)) == (
        "use-after-free: trespass_init+0x0, which was __init of trespass and is freed"
    )
    machine.rmmod("trespass")
    assert text(describe(machine.kernel, inside)) == "use-after-free: trespass_exit+0x4 of trespass, which has gone"


def test_of_other_addresses_nothing_is_known() -> None:
    k = Machine(fences="right").kernel
    for address in (0, 0x10000, k.mm.arch.PAGE_OFFSET, k.vmalloc.space.start + (1 << 40), 1 << 63, k.mm.fences.virt):
        assert describe(k, address) is None
