import random
from pathlib import Path

import pytest

from cli.info import describe, lines
from cli.kofile import opened
from cli.symbols import examine
from runtime.errors import Usage


def mutated(data: bytes, seed: int) -> bytes:
    """A module with some bytes changed, in its tables more than elsewhere, or cut short."""
    chance = random.Random(seed)
    out = bytearray(data)
    for _ in range(chance.choice((1, 3, 30))):
        place = chance.choice((chance.randrange(64), chance.randrange(len(out)), len(out) - 1 - chance.randrange(4096)))
        out[place] = chance.choice((0, 0xFF, chance.randrange(256), out[place] ^ 1 << chance.randrange(8)))
    return bytes(out[: chance.randrange(len(out))] if chance.random() < 0.1 else out)


@pytest.mark.parametrize("start", range(0, 400, 100))
def test_a_damaged_module_is_described_or_refused_in_one_line(params_ko: Path, tmp_path: Path, start: int) -> None:
    data, damaged, refused = params_ko.read_bytes(), tmp_path / "damaged.ko", 0
    for seed in range(start, start + 100):
        damaged.write_bytes(mutated(data, seed))
        try:
            with opened(damaged) as module:
                assert list(lines(describe(module, "damaged.ko")))
            examine(damaged, lambda name: None, {})
        except Usage as problem:
            refused += 1
            assert "\n" not in str(problem)
    assert 0 < refused < 100


def test_a_pointer_into_nowhere_reads_as_nothing(params_ko: Path) -> None:
    with opened(params_ko) as module:
        last = len(module.elf.sections) - 1
        assert module.text((last, 1 << 40)) == ""
        assert module.array("int", (last, 1 << 40)) is None
