"""Fixtures of the memory tests."""

from collections.abc import Callable

import pytest

from runtime.mm.page_alloc import PageAllocator
from tests.runtime.mm.rig import Rig


@pytest.fixture
def rig() -> Rig:
    """A machine with 64 MiB."""
    return Rig()


@pytest.fixture
def pages() -> Callable[..., PageAllocator]:
    """pages(size) -> the page allocator of a machine with so much RAM."""
    return lambda *args, **options: Rig(*args, **options).pages
