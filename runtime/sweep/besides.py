"""What is run besides the branches of a sweep, and how what it finds joins what they have found."""

from typing import Any

from runtime.loader.elf import Elf
from runtime.loader.modinfo import Modinfo
from runtime.loader.refused import Refused
from runtime.machine import BLOCKS, Machine
from runtime.sweep.course import Course
from runtime.sweep.found import Found
from runtime.sweep.spec import Spec

BRANCHES, LEFT, UNINIT, OBSERVE = "branches", "left", "uninit", "observe"
BOTH = "both"


def kinds(spec: Spec) -> list[str]:
    """What is to be done for a sweep. fences "both" are two sweeps."""
    wanted = {BRANCHES: True, LEFT: spec.config.get("fences") == BOTH, UNINIT: spec.uninit, OBSERVE: spec.observe}
    return [kind for kind, want in wanted.items() if want]


def on_side(spec: Spec, kind: str) -> Spec:
    """The same sweep with its fences on one side."""
    if spec.config.get("fences") != BOTH:
        return spec
    return spec._replace(config={**spec.config, "fences": "left" if kind == LEFT else "right"})


def uninitialised(spec: Spec) -> Found:
    """Findings of the normal run that are about memory which nobody has initialised."""
    from runtime.uninit import uninitialised as search

    config = {**spec.config, "blocks": spec.config.get("blocks") or BLOCKS}
    found = Found()
    for number, finding in enumerate(search(lambda: Course(Machine(**config), spec.modules, spec.steps))):
        found.findings[UNINIT, number] = (), finding
    found.scenarios[()] = {"findings": list(found.findings)}
    return found


def observed(spec: Spec) -> dict[str, Any]:
    """Memory over time, zones and slabs of the normal run; nothing where kmodrun lacks what it needs."""
    from runtime.sweep.observe import observe

    return observe(spec)


def coverage_of(spec: Spec, found: Found) -> dict[str, Any] | None:
    """Lines, branches and functions that ran; None where nobody asked."""
    if not spec.coverage:
        return None
    from runtime.coverage.measure import coverage

    # What could not be loaded has not run; a module is known by the name that it has in the kernel.
    ran = {block[0] for block in found.ran}
    modules = {name: data for data in spec.modules.values() for name in [_name_of(data)] if name in ran}
    return coverage(modules, found.ran_normally, found.ran)


def _name_of(module: bytes) -> str:
    try:
        return Modinfo(Elf(module)).get("name") or ""
    except Refused:
        return ""


def notes(spec: Spec) -> list[str]:
    """What a reader of the result should know of what could not be looked for."""
    from runtime.uninit import stack_is_zeroed

    zeroed = [name for name, data in spec.modules.items() if stack_is_zeroed(data)] if spec.uninit else []
    return [f"the compiler has zeroed all stack variables of {name}: uninitialised ones cannot be seen in this build"
            for name in zeroed]  # fmt: skip


def joined(found: Found, *others: Found) -> Found:
    """A sweep's findings with those of other runs: of the other side's fences, of other contents of memory.

    What both know of, an object from the same place with the same kind of finding, is one finding.
    """
    made = Found()
    made.add(found)
    for other in others:
        for key, row in other.scenarios.items():
            mine = made.scenarios.get(key)
            known = {_alike(made.findings[cause][1]) for cause in mine["findings"]} if mine else set()
            new = [cause for cause in row["findings"] if _alike(other.findings[cause][1]) not in known]
            made.scenarios[key] = {**mine, "findings": mine["findings"] + new} if mine else row
        made.add(_without_scenarios(other))
    return made


def _alike(finding: dict[str, Any]) -> tuple[str, str]:
    return finding["kind"], repr(finding["allocated"] or finding["at"])


def _without_scenarios(found: Found) -> Found:
    made = Found()
    made.sites, made.findings, made.log = found.sites, found.findings, found.log
    return made
