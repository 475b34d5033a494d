"""Doing something in a child process, on a copy of the machine: the slow and simple twin of mark and rewind."""

import os
import pickle
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from runtime.sweep.found import Found

if TYPE_CHECKING:
    from runtime.sweep.branches import Sweep


def in_child(sweep: "Sweep", function: Callable[..., Any], *arguments: Any) -> Any:
    """Call a function of the sweep in a child; what the child finds is added here. Return: its result."""
    reader, writer = os.pipe()
    child = os.fork()
    if not child:
        os.close(reader)
        _work(sweep, writer, function, arguments)
    os.close(writer)
    with open(reader, "rb") as pipe:
        sent = pipe.read()
    _, status = os.waitpid(child, 0)
    if status or not sent:
        raise RuntimeError(f"the child process of a branch ended with status {status}")
    result, found = pickle.loads(sent)
    sweep.found.add(found)
    sweep.tell()
    return result


def _work(sweep: "Sweep", writer: int, function: Callable[..., Any], arguments: tuple[Any, ...]) -> None:
    """The child's whole life."""
    status = 1
    try:
        sweep.found, sweep.progress = Found(), None
        result = function(*arguments)
        sweep.settle()
        with open(writer, "wb") as pipe:
            pickle.dump((result, sweep.found), pipe)
        status = 0
    except BaseException:
        import traceback

        traceback.print_exc()
    finally:
        os._exit(status)
