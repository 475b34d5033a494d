"""Machine(fill=...): the same machine, but for what nobody has defined."""

import re

import pytest

from runtime.errors import Usage
from runtime.machine import Machine
from tests.runtime.uninit.conftest import course


@pytest.mark.parametrize("fences", ["", "right"])
def test_the_machine_is_the_same_but_for_what_is_undefined(heap_ko: bytes, fences: str) -> None:
    logs, books = [], []
    for fill in (None, 0xA5):
        made = course(heap_ko, "heap", "value", fill=fill, fences=fences)
        made.run()
        logs.append([(record.time, record.text) for record in made.machine.dmesg()])
        books.append(list(made.machine.kernel.modules.kernel.vmalloc.areas))
    assert logs[0] != logs[1] and books[0] == books[1]
    changed = [(one, other) for one, other in zip(*logs, strict=True) if one != other]
    assert [re.sub(r"-?\d+$", "N", text) for pair in changed for _, text in pair] == ["level N", "level N"]
    assert changed[0][1][1] == f"level {int.from_bytes(bytes([0xA5] * 4), 'little', signed=True)}"


@pytest.mark.parametrize("how", ["fine_zeroed", "fine_padding", "fine_partly", "fine_constructed"])
def test_what_is_defined_is_as_it_was(heap_ko: bytes, how: str) -> None:
    logs = []
    for fill in (None, 0, 0xFF):
        made = course(heap_ko, "heap", how, fill=fill)
        made.run()
        logs.append([(record.time, record.text) for record in made.machine.dmesg()])
    assert logs[0] == logs[1] == logs[2]


def test_a_rewindable_machine_can_be_filled_and_taken_back(heap_ko: bytes) -> None:
    with Machine(fill=0x5A, rewindable=True) as machine:
        mark = machine.mark()
        texts = []
        for _ in range(2):
            machine.insmod(heap_ko, how="value")
            texts.append([record.text for record in machine.dmesg()])
            machine.rewind(mark)
        assert texts[0] == texts[1] and f"level {0x5A5A5A5A}" in texts[0]


@pytest.mark.parametrize("fill", [-1, 256])
def test_a_fill_is_a_byte(fill: int) -> None:
    with pytest.raises(Usage):
        Machine(fill=fill)
