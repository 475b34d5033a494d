"""Scenarios: what is done with modules, step by step, the same here and in the real kernel.

NAME.kmodrun beside NAME.c is plain text, one step a line; without it a module is loaded and removed. `#` begins a
comment line.

    insmod NAME [PARAMETERS]    load a module that lies in the same directory; the rest of the line is its parameters
    rmmod NAME                  remove a module
    do COMMAND                  run a shell command as root; its output is compared
    proc NAME                   show /proc/NAME

A line of insmod or rmmod may end in `-> RESULT`: what must come of it, `0` or the name of an errno.
"""

from pathlib import Path
from typing import NamedTuple

from runtime.errors import Usage

VERBS = ("insmod", "rmmod", "do", "proc")


class Step(NamedTuple):
    """One step. subject: a module's name, a command, or a file of /proc. expected: "" when nothing is said."""

    verb: str
    subject: str
    arguments: str = ""
    expected: str = ""

    def __str__(self) -> str:
        return f"@@{self.verb.upper()} {self.subject}"


class Scenario(NamedTuple):
    """place: the file that it is of (NAME.c, NAME.ko, NAME.kmodrun). modules: name in the kernel -> .c or .ko."""

    place: Path
    steps: tuple[Step, ...]
    modules: dict[str, Path]

    @property
    def name(self) -> str:
        return self.place.stem


def of_module(path: Path) -> Scenario:
    """The scenario of a .c or .ko: from the .kmodrun beside it, else it is loaded and removed."""
    beside = path.with_suffix(".kmodrun")
    if beside.is_file():
        return read(beside, path)
    name = module_name(path.stem)
    return Scenario(path, (Step("insmod", name), Step("rmmod", name)), {name: path})


def read(path: Path, module: Path | None = None) -> Scenario:
    """Read a .kmodrun file. module: the file that its own name stands for. Raises: Usage with file and line."""
    steps: list[Step] = []
    modules = {module_name(module.stem): module} if module else {}
    for number, line in enumerate(path.read_text().splitlines(), 1):
        if line.strip() and not line.lstrip().startswith("#"):
            try:
                steps.append(parse(line.strip()))
            except ValueError as problem:
                raise Usage(f"{path}:{number}: {problem}") from None
    for step in steps:
        if step.verb == "insmod" and step.subject not in modules:
            modules[step.subject] = _beside(path, step.subject, module.suffix if module else ".c")
    return Scenario(path, tuple(steps), modules)


def parse(line: str) -> Step:
    """One line of a scenario. Raises: ValueError in words."""
    verb, _, rest = line.partition(" ")
    if verb not in VERBS:
        raise ValueError(f"'{verb}' is no step: {', '.join(VERBS)}")
    if not rest.strip():
        raise ValueError(f"{verb} of what?")
    if verb in ("do", "proc"):
        return Step(verb, rest.strip())
    rest, _, expected = f" {rest} ".partition(" -> ")
    name, _, arguments = rest.strip().partition(" ")
    if verb == "rmmod" and arguments:
        raise ValueError("rmmod takes one name")
    return Step(verb, module_name(name), arguments.strip(), expected.strip())


def with_steps(scenario: Scenario, wanted: list[Step]) -> Scenario:
    """Put more steps where the modules are loaded: before the first rmmod."""
    at = next((i for i, step in enumerate(scenario.steps) if step.verb == "rmmod"), len(scenario.steps))
    return scenario._replace(steps=(*scenario.steps[:at], *wanted, *scenario.steps[at:]))


def with_parameters(scenario: Scenario, parameters: str) -> Scenario:
    """Give a module other parameters than its scenario does: those of the insmod of its own name."""
    own = module_name(scenario.name)
    steps = (step._replace(arguments=parameters) if step.verb == "insmod" and step.subject == own else step
             for step in scenario.steps)
    return scenario._replace(steps=tuple(steps))


def module_name(stem: str) -> str:
    """The name that a module has in the kernel: `slab-test` is slab_test."""
    return stem.replace("-", "_")


def _beside(scenario: Path, name: str, suffix: str) -> Path:
    """The file of a module in the scenario's directory: .c or .ko, preferably as the main module."""
    for ending in (suffix, ".c", ".ko"):
        for path in sorted(scenario.parent.glob(f"*{ending}")):
            if module_name(path.stem) == name:
                return path
    raise Usage(f"{scenario}: there is no {name}.c or {name}.ko beside it")
