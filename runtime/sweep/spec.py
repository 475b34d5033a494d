"""What a sweep is about, as plain data: it is sent to worker processes as it is."""

from typing import Any, NamedTuple

Step = tuple[str, ...]
"""("insmod", name, arguments, expected) or ("rmmod", name, "", expected); expected: "" or the errno that is to come."""


OK, SKIPPED = "ok", "skipped"
"""Results of steps; the others are the errno's name, or words: `killed: out of memory`."""


class Spec(NamedTuple):
    """modules: name in the kernel -> contents of the .ko. paths: name -> where it came from. config: what Machine()
    takes; fences may also be "both".

    depth: how many calls fail in one run. every_event: each call fails in turn, not one for each call stack.
    fork: branches run in a child process instead of being taken back. uninit: look for uninitialised memory. observe:
    what the normal run does to memory. command: how a user runs this scenario; the
    failures are appended as ` --fail nth=N`.
    """

    modules: dict[str, bytes]
    paths: dict[str, str]
    steps: tuple[Step, ...]
    config: dict[str, Any]
    depth: int = 1
    every_event: bool = False
    fork: bool = False
    coverage: bool = False
    uninit: bool = False
    observe: bool = False
    command: str = "kmodrun run"


def of_modules(modules: dict[str, bytes], arguments: dict[str, str], **rest: Any) -> Spec:
    """Load modules in order, and remove them in reverse. arguments: by module, as insmod takes them."""
    load = [("insmod", name, arguments.get(name, ""), "") for name in modules]
    unload = [("rmmod", name, "", "") for name in reversed(modules)]
    rest.setdefault("paths", {name: f"{name}.ko" for name in modules})
    return Spec(modules, steps=(*load, *unload), **rest)


def words(step: Step) -> str:
    """A step as a scenario file has it: `insmod foo n=5`."""
    return " ".join(word for word in step[:3] if word)


def outcome(steps: tuple[Step, ...], results: list[str]) -> str:
    """The first step that did not do what the scenario expects: `insmod foo: ENOMEM`; "" for none."""
    for step, result in zip(steps, results, strict=False):
        if result not in (step[3] or OK, SKIPPED):
            return f"{step[0]} {step[1]}: {result}"
    return ""
