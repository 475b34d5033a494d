from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from runtime.sweep.observe import observe
from runtime.sweep.spec import of_modules

HOLDER = Path(__file__).resolve().parents[1] / "report" / "holder.c"


@pytest.fixture(scope="module")
def seen(build_ko: Callable[[Path], Path]) -> dict[str, Any]:
    config = {"fences": "both", "memory": "64M"}
    return observe(of_modules({"holder": build_ko(HOLDER).read_bytes()}, {}, config=config))


def test_memory_is_counted_to_the_end_of_the_scenario(seen: dict[str, Any]) -> None:
    assert (seen["memory"]["pages"]["allocs"], seen["memory"]["pages"]["left"]) == (1, 0)
    assert seen["timeline"]["samples"][-1][2:] == [0, 0, 0, 0]
    assert [text for _, text in seen["timeline"]["marks"]] == ["insmod holder", "rmmod holder", "end"]


def test_zones_and_slabs_are_those_before_the_module_is_removed(seen: dict[str, Any]) -> None:
    assert {cache["name"]: cache["live"] for cache in seen["slabs"]}["holder_items"] == 7
    assert any(run[2] == "pages" for zone in seen["zones"] for run in zone["runs"])


def test_a_module_that_does_not_load_is_observed_as_well() -> None:
    made = observe(of_modules({"none": b"no module"}, {}, config={}))
    assert made["timeline"]["events"] == 0 and made["slabs"] == [] and made["zones"]


def test_the_same_scenario_looks_the_same(seen: dict[str, Any], build_ko: Callable[[Path], Path]) -> None:
    spec = of_modules({"holder": build_ko(HOLDER).read_bytes()}, {}, config={"memory": "64M"})
    assert observe(spec) == seen
