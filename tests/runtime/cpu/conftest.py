"""Every test of this room runs twice: with the engine's register file, and without, through the slow API."""

from collections.abc import Callable

import pytest

from runtime.cpu import registers
from tests.runtime.tiny import Tiny


@pytest.fixture(params=["fast", "slow"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """How registers are reached; slow: as if the register file had not been found."""
    if request.param == "slow":
        monkeypatch.setattr(registers, "_found", None)
        monkeypatch.setattr(registers, "_searched", True)
    return str(request.param)


@pytest.fixture
def make(way: str) -> Callable[..., Tiny]:
    """Make a tiny guest with options of the engine."""
    return Tiny


@pytest.fixture
def guest(make: Callable[..., Tiny]) -> Tiny:
    return make()
