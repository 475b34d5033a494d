"""Why a run with a pattern differs from the one without: which bytes of which memory, found by more runs, and what the
module did with them.
"""

from typing import Any, NamedTuple

from runtime.cpu.trace import last_instruction
from runtime.errors import GuestFault
from runtime.uninit.events import Diverged
from runtime.uninit.fills import Piece, Selection, Span
from runtime.uninit.observed import Observed
from runtime.uninit.printed import Printed, handed_out, printed
from runtime.uninit.runs import Runs, smallest
from runtime.units import Virt


class Cause(NamedTuple):
    """piece: the memory; first, last: of its bytes that matter. diverged: how the run differs that has only them."""

    piece: Piece
    first: int
    last: int
    diverged: Diverged
    selection: Selection
    observed: Observed

    @property
    def span(self) -> Span:
        return Span(self.piece.key, self.first, self.last)


def cause(runs: Runs, selection: Selection, diverged: Diverged, pieces: int) -> Cause:
    """Narrow down a difference between Debian's run and one with a fill. pieces: that were filled until then."""
    def differs(end: int, first: int = 0, last: int = selection.last) -> bool:
        return runs.compare(selection._replace(end=end, first=first, last=last), diverged.index)[0] is not None

    end = smallest(0, pieces, differs)
    found, observed = runs.compare(selection._replace(end=end), diverged.index)
    piece = observed.fill.piece if observed.fill is not None else None
    assert found is not None and piece is not None, "the same run differs in the same way"
    low = smallest(0, piece.size, lambda size: differs(end, last=size - 1)) - 1
    high = piece.size - smallest(0, piece.size, lambda size: differs(end, piece.size - size))
    chosen = selection._replace(end=end, first=min(low, high), last=max(low, high))
    found, observed = runs.compare(chosen, diverged.index)
    if found is None:  # these bytes only matter beside others of the piece
        chosen = selection._replace(end=end)
        found, observed = runs.compare(chosen, diverged.index)
    assert found is not None
    return Cause(piece, min(low, high), max(low, high), found, chosen, observed)


class Place(NamedTuple):
    """kind of finding; what happens there (a sentence without its object); pc: the instruction, or 0; at: the stack. k:
    the kernel of the machine that stands there, where that is not the one on which the difference was seen.
    """

    kind: str
    what: str
    pc: Virt
    at: tuple[Virt, ...]
    k: Any = None


def _name(function: str) -> str:
    """A kernel function as modules call it."""
    return {"_printk": "printk"}.get(function, function)


def place(runs: Runs, why: Cause) -> Place:
    """What the module did with the bytes, and where."""
    then, now = why.diverged.then, why.diverged.now
    event = now or then
    if event is None:
        return _branch(runs, why)
    at = why.diverged.at
    if now is None or event[0] == "step":
        return _other_end(event, at)
    if event[0] == "fault":
        return Place("uninitialized", "an address comes from", event[1], at)
    if event[0] == "call" and then is not None and then[:2] == now[:2]:
        return _call(why, then, now)
    if event[0] == "says":
        return _said(runs, why, now)
    if event[0] == "raises":
        return Place("uninitialized", f"{_name(event[1])}() goes wrong with", 0, at)
    return Place("uninitialized", "what is done here depends on", 0, at)


def _other_end(event: tuple[Any, ...], at: tuple[Virt, ...]) -> Place:
    """The recorded run came to something here that this one has not come to."""
    if event[0] == "fault":
        return Place("uninitialized", "an address comes from", event[1], ())
    if event[0] == "step":
        return Place("uninitialized", "the result comes from", 0, ())
    return Place("uninitialized", "what is done here depends on", 0, at)


def _call(why: Cause, then: tuple[Any, ...], now: tuple[Any, ...]) -> Place:
    name, at = now[1], why.diverged.at
    names = why.observed.parameters(name)
    for parameter, before, value in zip(names, then[2], now[2], strict=True):
        if before != value:
            return Place("uninitialized", f"argument {parameter} of {_name(name)}() comes from", 0, at)
    return Place("info-leak", f"{_name(name)}() hands out", 0, at)


def _said(runs: Runs, why: Cause, now: tuple[Any, ...]) -> Place:
    """A kernel function logged something else, or found a bug that is not there without the pattern."""
    name, at = _name(now[1]), why.diverged.at
    then = why.diverged.then
    if then is not None and then[0] == "says" and then[2] == now[2]:
        return Place("uninitialized", f"{name}() goes wrong with", 0, at)
    number = why.diverged.index - 1
    before = runs.look_at(number, printed, None)
    after = runs.look_at(number, printed, why.selection)
    how = handed_out(before, after)
    if how is Printed.VALUE:
        return Place("uninitialized", f"{name}() prints a value from", 0, at)
    return Place("info-leak", f"{name}() prints", 0, at)


def _branch(runs: Runs, why: Cause) -> Place:
    """The block after the last common one is another one."""
    blocks = why.diverged.blocks
    observed = runs.stand_at(why.selection, blocks)
    k = observed.k
    address, size = observed.trace.block(blocks - 1)
    try:
        pc = last_instruction(k.mem.read(address, size), address)
    except GuestFault:
        pc = address
    at = tuple(k.cpu.trace())
    symbol = k.symbols.lookup(address)
    if not k.modules.owner_name(address):
        return Place("uninitialized", f"{symbol.name if symbol else 'the kernel'}() depends on", 0, at, k)
    return Place("uninitialized", "a branch depends on", pc, at, k)
