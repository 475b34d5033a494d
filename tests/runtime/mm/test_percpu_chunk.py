"""One chunk: first fit with alignment."""

from runtime.mm.percpu_chunk import Chunk
from runtime.undo import Undo


def test_gaps_are_filled_first() -> None:
    chunk = Chunk(Undo(False), 0, 48, 4096)
    assert [chunk.take(8, 8) for _ in range(3)] == [48, 56, 64]
    assert chunk.take(64, 64) == 128
    chunk.give(56)
    assert chunk.take(16, 8) == 72
    assert chunk.take(8, 4) == 56
    chunk.check()


def test_what_does_not_fit_is_refused() -> None:
    chunk = Chunk(Undo(False), 0, 0, 64)
    assert chunk.take(65, 4) == -1
    assert chunk.take(64, 4) == 0
    assert chunk.take(4, 4) == -1
    chunk.give(0)
    assert chunk.take(4, 64) == 0
