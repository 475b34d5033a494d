"""The plain result that every report is made from, and what can be asked of it.

The object of `kmodrun run --json` is a result, too: one scenario, in which nothing was made to fail.
"""

from collections import Counter
from collections.abc import Iterable
from pathlib import PurePath
from typing import Any

from runtime.inject.kinds import called as known_as

Result = dict[str, Any]
Finding = dict[str, Any]
Frame = dict[str, Any]

VERDICTS = ("clean", "handled", "ignored", "failed", "findings", "unsupported")
# Findings of these kinds are about where an object was allocated, not about where somebody noticed.
LOST = ("leak", "resource-leak")


def whole(result: Result) -> Result:
    """The result with every key of a sweep's: what `run` does not have is filled in. The input is not changed."""
    made: Result = {"version": 1, "options": {}, "sites": [], "coverage": None, "memory": None, "log": [], "notes": [],
                    **result}
    if made.get("interrupted"):
        made["notes"] = ["the sweep was interrupted: this is what was known by then", *made["notes"]]
    if "scenarios" not in made:
        made["findings"] = [{**finding, "scenarios": [0]} for finding in made["findings"]]
        made["steps"] = [f"insmod {module['name']}" for module in made["modules"]]
        made["scenarios"] = [_only_scenario(made)]
    return made


def _only_scenario(result: Result) -> dict[str, Any]:
    results = [_init_words(module.get("init")) for module in result["modules"]]
    steps = [{"step": step, "result": words} for step, words in zip(result["steps"], results, strict=True)]
    verdict = "findings" if result["findings"] else "unsupported" if result["unsupported"] else "clean"
    return {"fails": [], "nth": [], "verdict": verdict, "result": "", "steps": steps, "replay": "",
            "findings": list(range(len(result["findings"]))), "log": len(result["log"])}  # fmt: skip


def _init_words(init: int | None) -> str:
    if init is None:
        return "did not return"
    return "ok" if init >= 0 else f"errno {-init}"


def own_frame(frames: Iterable[Frame]) -> Frame | None:
    """The innermost frame of a stack that is in a .c file whose name is known; else in any file; None: in none."""
    known = [frame for frame in frames if frame.get("file")]
    return next((frame for frame in known if frame["file"].endswith(".c")), known[0] if known else None)


def about(finding: Finding) -> str:
    """Which of its stacks a finding is about: for what is lost, the allocation's; "" where none names a file."""
    order = ("allocated", "at") if finding["kind"] in LOST else ("at", "allocated")
    return next((key for key in order if own_frame(finding.get(key) or ())), "")


def place(finding: Finding) -> Frame | None:
    """The frame that a finding is about."""
    key = about(finding)
    return own_frame(finding[key]) if key else None


def where(frame: Frame | None) -> str:
    """`foo.c:42`; `symbol+0x2a` where no file is known; "" for None."""
    if frame is None:
        return ""
    if frame.get("file"):
        return f"{PurePath(frame['file']).name}:{frame['line']}"
    return f"{frame['symbol']}+{frame['offset']:#x}"


def site_place(site: dict[str, Any]) -> Frame | None:
    """The frame of a site: where the module calls the kernel."""
    return own_frame(site["at"]) or (site["at"][0] if site["at"] else None)


def called(site: dict[str, Any]) -> str:
    """The function that the module's author called: `kmalloc`, where the compiler made `kmalloc_trace` of it."""
    return known_as(site["function"])


def site_of(result: Result, stack: list[Frame]) -> dict[str, Any] | None:
    """The site that has this stack, or that is at the same line as its own frame; None: none was seen there."""
    wanted = _addresses(stack)
    exact = next((site for site in result["sites"] if _addresses(site["at"]) == wanted), None)
    if exact is not None or (mine := own_frame(stack)) is None:
        return exact
    return next((site for site in result["sites"] if (frame := own_frame(site["at"])) is not None
                 and (frame["file"], frame["line"]) == (mine["file"], mine["line"])), None)  # fmt: skip


def _addresses(stack: list[Frame]) -> list[tuple[Any, ...]]:
    return [(frame.get("module"), frame["symbol"], frame["offset"]) for frame in stack]


def failures(result: Result, scenario: dict[str, Any]) -> str:
    """What was made to fail: `kmalloc at foo.c:42`, `kmalloc at foo.c:42 and vmalloc at foo.c:57`; "" for nothing."""
    return " and ".join(f"{called(site)} at {where(site_place(site))}"
                        for site in (result["sites"][index] for index in scenario["fails"]))  # fmt: skip


def scenario_name(result: Result, scenario: dict[str, Any]) -> str:
    """A readable id: `normal run`, `kmalloc at foo.c:42 fails`; see scenario_names() for ids that differ."""
    if not scenario["fails"]:
        return "normal run"
    return f"{failures(result, scenario)} {'fails' if len(scenario['fails']) == 1 else 'fail'}"


def scenario_names(result: Result) -> list[str]:
    """The readable ids of all scenarios, no two alike: `kmalloc at foo.c:42 fails, nth=17` for one again."""
    names = [scenario_name(result, scenario) for scenario in result["scenarios"]]
    several = {name for name, times in Counter(names).items() if times > 1}
    return [f"{name}, {' '.join(f'nth={nth}' for nth in scenario['nth'])}" if name in several else name
            for name, scenario in zip(names, result["scenarios"], strict=True)]  # fmt: skip


def meeting(result: Result, finding: Finding) -> list[dict[str, Any]]:
    """The scenarios that meet a finding."""
    return [result["scenarios"][index] for index in finding.get("scenarios", ())]


def when(result: Result, finding: Finding, told: str = "") -> str:
    """` when kmalloc at foo.c:42 fails (and in 2 more)`; "" where the normal run has it, too. told: what has been said
    already; who it names need not be named again.

    A finding of a single run with a fault plan: ` after the call at foo.c:42 failed`.
    """
    met = meeting(result, finding)
    if not met or not all(scenario["fails"] for scenario in met):
        failed = finding.get("failed")
        return f" after the call at {where(own_frame(failed) or failed[0])} failed" if failed else ""
    fewest = min(met, key=lambda scenario: len(scenario["fails"]))
    verb = "fails" if len(fewest["fails"]) == 1 else "fail"
    more = f" (and in {len(met) - 1} more)" if len(met) > 1 else ""
    if all(f" at {where(site_place(result['sites'][index]))} " in told for index in fewest["fails"]):
        return more
    return f" when {failures(result, fewest)} {verb}{more}"


def replay(result: Result, finding: Finding) -> str:
    """The command that shows the finding again, with as few failures as it needs; "" where none is known."""
    met = meeting(result, finding)
    return str(min(met, key=lambda scenario: len(scenario["fails"]))["replay"]) if met else ""


def own_findings(result: Result, scenario: dict[str, Any]) -> list[int]:
    """The findings that a scenario has beyond those of the normal run, which has its own."""
    normal = (each["findings"] for each in result["scenarios"] if not each["fails"])
    usual: list[int] = next(normal, []) if scenario["fails"] else []
    return [index for index in scenario["findings"] if index not in usual]


def count_verdicts(result: Result) -> dict[str, int]:
    """Number of scenarios by verdict, in the order of VERDICTS; those that none has are left out."""
    counts = dict.fromkeys(VERDICTS, 0)
    for scenario in result["scenarios"]:
        counts[scenario["verdict"]] += 1
    return {verdict: count for verdict, count in counts.items() if count}
