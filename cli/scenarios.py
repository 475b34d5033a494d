"""The operands of a command as scenarios, and a scenario as the plain data that a sweep takes."""

import shlex
from argparse import Namespace
from pathlib import Path
from typing import Any

from cli.modules import as_ko, parameters
from runtime.errors import Usage
from runtime.sweep.spec import Spec
from toolchain import kbuild
from toolchain import scenario as scenarios
from toolchain.cache import BuildError
from toolchain.scenario import Scenario

MACHINE = {"memory": 256 << 20, "cpus": 2, "nodes": 1, "seed": 0, "cmdline": "", "blocks": None}
"""What a machine is made of where nobody says anything else, as `run` has it."""
CHECKS = {"": [], "left": ["--check", "--fences", "left"], "right": ["--check"], "both": ["--check"]}
"""Options of `run` for the same fences."""


def of_operand(name: str, args: Namespace) -> Scenario:
    """The scenario of a .ko, .c or .kmodrun, its modules not built yet. Raises: Usage."""
    path = Path(name)
    if path.suffix == ".kmodrun" and path.is_file():
        return scenarios.read(path)
    if path.suffix != ".c" or not path.is_file():
        as_ko(name, args)  # says why that is no module
    return scenarios.of_module(path)


def joined(each: list[Scenario]) -> Scenario:
    """One scenario that loads all modules in order and removes them in reverse; of one operand its own scenario."""
    if len(each) == 1:
        return each[0]
    names = [scenarios.module_name(scenario.name) for scenario in each]
    for scenario in each:
        if scenario.place.suffix == ".kmodrun":
            raise Usage(f"{scenario.place}: a scenario is swept alone, or with --each")
    if len(set(names)) < len(names):
        raise Usage("two modules of the same name cannot be loaded at once (--each sweeps them one by one)")
    load, unload = ([scenarios.Step(verb, name) for name in names] for verb in ("insmod", "rmmod"))
    modules = {name: scenario.place for name, scenario in zip(names, each, strict=True)}
    return Scenario(each[0].place, (*load, *reversed(unload)), modules)


def with_parameters(scenario: Scenario, options: list[str], own: str) -> Scenario:
    """Add what `--param m.k=v` says to what the scenario says: what comes last counts, as for insmod.

    own: the module that is meant where none is named; "" where one must be.
    """
    named = [option if "." in option.partition("=")[0] or not own else f"{own}.{option}" for option in options]
    given = parameters(named, list(scenario.modules))
    return scenario._replace(steps=tuple(
        step._replace(arguments=" ".join(word for word in (step.arguments, as_words(given[step.subject])) if word))
        if step.verb == "insmod" else step for step in scenario.steps))


def as_words(given: dict[str, str]) -> str:
    """Parameters as insmod's argument string has them."""
    return " ".join(f'{key}="{value}"' if any(c.isspace() for c in value) and '"' not in value else f"{key}={value}"
                    for key, value in given.items())


def built(modules: dict[str, Path], args: Namespace) -> dict[str, Path]:
    """The .ko of each module of a scenario; .c files that belong together are built together by kbuild."""
    sources = {name: path for name, path in modules.items() if path.suffix == ".c"}
    headers = Path(args.kernel) if args.kernel else kbuild.find_headers()
    if len(sources) < 2 or args.bundled or headers is None:
        return {name: as_ko(str(path), args) for name, path in modules.items()}
    try:
        made = kbuild.build_together(list(sources.values()), headers)
    except BuildError as problem:
        raise Usage(str(problem)) from None
    ready = {name: as_ko(str(path), args) for name, path in modules.items() if path.suffix != ".c"}
    return {name: {**ready, **dict(zip(sources, made, strict=True))}[name] for name in modules}


def as_spec(scenario: Scenario, args: Namespace, machine: dict[str, Any], options: list[str], **rest: Any) -> Spec:
    """What the engine is given. machine: arguments of Machine; options: of the command that replays it; rest: of Spec.

    Steps of user space (`do`, `proc`) are left out: nothing of the kernel can fail in them here.
    """
    files = built(scenario.modules, args)
    steps = tuple((step.verb, step.subject, step.arguments, result(step.expected)) for step in scenario.steps
                  if step.verb in ("insmod", "rmmod"))
    return Spec({name: path.read_bytes() for name, path in files.items()},
                {name: str(path) for name, path in scenario.modules.items()}, steps, machine,
                command=replay(scenario, machine, options), **rest)


def result(expected: str) -> str:
    """What must come of a step, as the engine puts it: "" where nothing is said or 0 is."""
    return "" if expected == "0" else expected


def replay(scenario: Scenario, machine: dict[str, Any], options: list[str]) -> str:
    """The command that runs a scenario as a sweep does, without its failures."""
    words = ["kmodrun", "run"]
    if runs_like_this(scenario):
        words += map(str, scenario.modules.values())
        words += [word for step in scenario.steps for argument in split(step.arguments)
                  for word in ("--param", argument if len(scenario.modules) == 1 else f"{step.subject}.{argument}")]
    else:
        place = scenario.place
        words.append(str(place if place.suffix == ".kmodrun" else place.with_suffix(".kmodrun")))
    for name, value in machine.items():
        if name in MACHINE and value != MACHINE[name]:
            words += [f"--{name}", in_short(value) if name == "memory" else str(value)]
    return shlex.join([*words, *options, *CHECKS[machine.get("fences", "right")]])


def runs_like_this(scenario: Scenario) -> bool:
    """Whether `kmodrun run` of the modules does what the scenario does: load all in order, remove all in reverse."""
    names = list(scenario.modules)
    steps = [(step.verb, step.subject) for step in scenario.steps if step.verb in ("insmod", "rmmod")]
    return steps == [*(("insmod", name) for name in names), *(("rmmod", name) for name in reversed(names))] and not any(
        step.expected for step in scenario.steps)


def split(arguments: str) -> list[str]:
    """The words of insmod's argument string: blanks within double quotes belong to a word."""
    words, quoted = [""], False
    for c in arguments:
        quoted ^= c == '"'
        if c.isspace() and not quoted:
            words.append("")
        else:
            words[-1] += c
    return [word for word in words if word]


def in_short(size: int) -> str:
    """Bytes as `64M`."""
    return f"{size >> 20}M" if size % (1 << 20) == 0 else str(size)
