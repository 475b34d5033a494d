"""Data structures of the kernel's library, run by modules on the machine: what they print of trees, nodes, the order of
comparisons and counters is what the real kernel's gave.
"""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.test_modules import check

DATA = Path(__file__).parents[1] / "data" / "lib"


@pytest.mark.parametrize("source", sorted(DATA.glob("*.c")), ids=lambda path: path.stem)
def test_a_module_sees_what_it_sees_in_the_real_kernel(source: Path, build_ko: Callable[[Path], Path]) -> None:
    check(source, build_ko)
