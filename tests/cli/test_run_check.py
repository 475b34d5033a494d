"""kmodrun run --check: objects lie beside unmapped memory."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import Done, need_headers

SOURCE = "tests/data/fences/trespass.c"


@pytest.fixture
def trespass(kmodrun: Callable[..., Done]) -> Callable[..., Done]:
    need_headers()
    return lambda how, *options: kmodrun("run", SOURCE, "--param", f"how={how}", *options)


def test_what_goes_unnoticed_is_found(trespass: Callable[..., Done]) -> None:
    quiet, checked = trespass("write_freed"), trespass("write_freed", "--check")
    assert (quiet.returncode, checked.returncode) == (0, 1)
    assert "findings: none" in quiet.stderr
    wanted = "trespass.c:43: use-after-free: write to byte 3 of a freed object of 64 bytes of kmalloc-64"
    assert wanted in checked.stderr
    assert "BUG: unable to handle page fault" in checked.stdout


def test_the_side_can_be_chosen(trespass: Callable[..., Done]) -> None:
    assert "out-of-bounds" not in trespass("read_left", "--check").stderr
    left = trespass("read_left", "--check", "--fences", "left")
    assert "out-of-bounds: read of memory 8 bytes left of an object of 64 bytes of kmalloc-64" in left.stderr
    assert trespass("read_left", "--fences", "left").returncode == 1, "it says by itself that there are fences"


def test_a_correct_module_logs_the_same(kmodrun: Callable[..., Done]) -> None:
    need_headers()
    module = Path("modules/memory/slab_ctor.c")
    assert kmodrun("run", module, "--check").stdout == kmodrun("run", module).stdout


def test_another_side_is_wrong_usage(trespass: Callable[..., Done]) -> None:
    done = trespass("nothing", "--fences", "middle")
    assert done.returncode == 2 and "middle" in done.stderr
