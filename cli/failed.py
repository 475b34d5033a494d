"""What a fault plan made fail in a run: as in --json, and a line each."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from runtime.inject.kinds import CALL
from runtime.inject.values import error_name

if TYPE_CHECKING:
    from runtime import Machine
    from runtime.inject.plan import Plan


def failures(machine: "Machine", plan: "Plan") -> list[dict[str, Any]]:
    """Each failure as in --json, in the order in which they came."""
    return [
        {
            "number": one.number, "kind": one.kind, "function": one.function, "what": one.what, "size": one.size,
            "gfp": one.gfp, "returned": error_name(one.value), "stack": plan.stack_id(one),
            "at": machine.frames(one.stack, known=one.known),
        }
        for one in plan.failures
    ]  # fmt: skip


def failure_line(failure: dict[str, Any]) -> str:
    """`kmalloc of 100 bytes at foo.c:42 (fault point 3)`."""
    function, size = failure["function"], failure["size"]
    if failure["kind"] == CALL:
        what = f"{function}(), which returned {failure['returned']},"
    elif failure["kind"] == "cache":
        what = f"{function} of {failure['what']}"
    else:
        what = f"{function} of {size} byte{'s' * (size != 1)}"
    return f"{what} at {place(failure['at'])} (fault point {failure['number']})"


def place(frames: list[dict[str, Any]]) -> str:
    """`foo.c:42`, of the innermost frame that is in a source file; else its symbol."""
    own = next((frame for frame in frames if (frame["file"] or "").endswith(".c")), frames[0])
    return f"{Path(own['file']).name}:{own['line']}" if own["file"] else f"{own['symbol']}+{own['offset']:#x}"
