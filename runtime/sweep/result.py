"""The result of a sweep as plain data, the same whoever found it: what --json prints, and all reports are made of."""

from typing import Any

from runtime.sweep.found import Found, Key
from runtime.sweep.spec import Spec, outcome, words

VERSION = 1


def result(spec: Spec, found: Found) -> dict[str, Any]:
    """One dict for json.dumps(). sites, scenarios and findings refer to each other by index."""
    sites = sorted(found.sites, key=lambda site: found.sites[site][0])
    keys = sorted(found.scenarios)
    met: dict[Any, list[int]] = {}
    for index, key in enumerate(keys):
        for cause in found.scenarios[key]["findings"]:
            met.setdefault(cause, []).append(index)
    causes = {cause: index for index, cause in enumerate(met)}
    numbers = {site: index for index, site in enumerate(sites)}
    usual = set(found.scenarios[()]["findings"])
    scenarios = [_scenario(spec, key, found.scenarios[key], numbers, causes, usual) for key in keys]
    gaps = [row["unsupported"] for row in found.scenarios.values() if row["unsupported"]]
    return {
        "version": VERSION,
        "modules": [{"name": name, "path": spec.paths.get(name, name)} for name in spec.modules],
        "steps": [words(step) for step in spec.steps],
        "options": {**spec.config, "depth": spec.depth, "every_event": spec.every_event},
        "sites": [found.sites[site][1] for site in sites],
        "scenarios": scenarios,
        "findings": [{**found.findings[cause][1], "scenarios": met[cause]} for cause in causes],
        "unsupported": sorted(set(gaps)),
        "log": found.log,
    }


def _scenario(
    spec: Spec, key: Key, row: dict[str, Any], sites: dict[Any, int], causes: dict[Any, int], usual: set[Any]
) -> dict[str, Any]:
    steps = [{"step": words(step), "result": result} for step, result in zip(spec.steps, row["results"], strict=True)]
    told = outcome(spec.steps, row["results"])
    return {
        "fails": [sites[site] for site in row["fails"]],
        "nth": list(key),
        "verdict": _verdict(key, row, usual, told),
        "result": told,
        "steps": steps,
        "findings": [causes[cause] for cause in row["findings"]],
        "replay": spec.command + "".join(f" --fail nth={nth}" for nth in key),
    }


def _verdict(key: Key, row: dict[str, Any], usual: set[Any], outcome: str) -> str:
    """findings: more than the normal run has. handled: the error came back. ignored: all went on, and it held.

    failed: the normal run does not do what its scenario expects, although nothing was made to fail.
    """
    if row["unsupported"]:
        return "unsupported"
    if any(cause not in usual for cause in row["findings"]) or (not key and usual):
        return "findings"
    if outcome:
        return "handled" if key else "failed"
    return "ignored" if key else "clean"



