"""kmodrun run NAME.kmodrun: do with modules what a scenario says, step by step."""

from argparse import Namespace
from typing import Any

from cli.scenarios import as_spec, of_operand, with_parameters
from cli.session import Session
from runtime.errors import Usage
from runtime.sweep.spec import Spec, Step
from toolchain.scenario import Scenario, module_name


def read(args: Namespace) -> Scenario:
    """The scenario of the command line, with the parameters that were given."""
    if len(args.modules) > 1:
        raise Usage("a scenario (.kmodrun) is run alone")
    if args.keep:
        raise Usage("--keep: a scenario says by itself what is removed")
    scenario = of_operand(args.modules[0], args)
    own = module_name(scenario.name)
    return with_parameters(scenario, args.param, own if own in scenario.modules else "")


def follow(session: Session, scenario: Scenario, args: Namespace) -> Spec:
    """Do the steps of kernel and /proc; those of user space are left out. Return: the same for other runs."""
    spec = as_spec(scenario, args, session.settings, [], uninit=args.uninit)
    steps = iter(spec.steps)
    for step in scenario.steps:
        if step.verb == "proc":
            session.show_file(step.subject)
        elif step.verb != "do":
            perform(session, spec, next(steps))
    return spec


def perform(session: Session, spec: Spec, step: Step) -> None:
    """One insmod or rmmod, if the machine lives; what was never loaded need not be removed."""
    verb, name, arguments, expected = step
    machine = session.machine
    if session.dead or session.unsupported or (verb == "rmmod" and name not in machine.kernel.modules.loaded):
        return
    row: dict[str, Any] = {"name": name, "init": None, "exit": False}
    if verb == "insmod":
        session.modules.append(row)
        with session.step(f"insmod {name}", row, expected):
            row["init"] = machine.insmod(spec.modules[name], arguments).init_result
    else:
        with session.step(f"rmmod {name}", expected=expected):
            machine.rmmod(name)
            loaded = (row for row in reversed(session.modules) if row["name"] == name and (row["init"] or 0) >= 0)
            next(loaded, row)["exit"] = True
