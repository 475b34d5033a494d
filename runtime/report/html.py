"""The result as one HTML file that needs no network: findings, the sweep as a table, source with coverage, memory."""

from pathlib import Path, PurePath
from typing import Any

from runtime.report import charts
from runtime.report.kinds import kind_of
from runtime.report.listing import Listing, shares
from runtime.report.result import (
    Finding,
    Frame,
    Result,
    called,
    count_verdicts,
    meeting,
    own_findings,
    place,
    replay,
    scenario_name,
    scenario_names,
    site_place,
    where,
    whole,
)
from runtime.report.sources import Sources
from runtime.report.style import Plain, in_bytes, plural
from runtime.report.text import scenario_verdict, site_cells
from runtime.report.words import frame_name, sentence, stack_titles

View = dict[str, Any]
PAGE = Path(__file__).with_name("page")
_VERDICTS = {"clean": "clean", "handled": "handled", "ignored": "ignored", "failed": "failed",
             "findings": "with findings", "unsupported": "unsupported"}  # fmt: skip
_MEMORY = {"pages": "pages", "kmalloc": "kmalloc", "slab": "slab caches", "vmalloc": "vmalloc", "percpu": "per-CPU"}


def html(result: Result, sources: Sources) -> str:
    """The document."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined
    environment = Environment(loader=FileSystemLoader(PAGE), autoescape=True, undefined=StrictUndefined,
                              trim_blocks=True, lstrip_blocks=True)  # fmt: skip
    return environment.get_template("page.html").render(_Page(whole(result), sources).view()) + "\n"


class _Page:
    """What the template shows, as plain values."""

    def __init__(self, result: Result, sources: Sources) -> None:
        self.result, self.listing = result, Listing(result, sources)
        self.names = scenario_names(result)

    def view(self) -> View:
        """All of it."""
        result = self.result
        files = self.listing.views()
        return {
            "title": ", ".join(module["name"] for module in result["modules"]) or "nothing",
            "steps": result["steps"], "facts": _facts(result), "verdict": self.verdict(), "counts": self.counts(),
            "findings": [self.finding(number, finding) for number, finding in enumerate(result["findings"], 1)],
            "unsupported": result["unsupported"], "notes": result["notes"],
            "scenarios": self.scenarios(), "files": files,
            "missing": [PurePath(file).name for file in self.listing.missing], "coverage": self.coverage(),
            "memory": _memory(result["memory"] or {}),
            "caches": (result["memory"] or {}).get("caches", []),
            "timeline": charts.timeline(result["timeline"]) if result.get("timeline") else None,
            "zones": [charts.zone(zone) for zone in result.get("zones") or ()],
            "slabs": [charts.cache(cache) for cache in result.get("slabs") or ()],
            "log": result["log"],
        }  # fmt: skip

    def verdict(self) -> View:
        """The page in two words, and its colour."""
        found, gaps = len(self.result["findings"]), len(self.result["unsupported"])
        yet = " so far" if self.result.get("interrupted") else ""
        if found:
            return {"mark": "findings", "text": plural(found, "finding") + yet}
        if gaps:
            return {"mark": "unsupported", "text": f"No findings{yet}, {plural(gaps, 'gap')}"}
        return {"mark": "unsupported" if yet else "clean", "text": f"No findings{yet}"}

    def counts(self) -> list[View]:
        """Scenarios by verdict."""
        return [{"mark": mark, "text": _VERDICTS[mark], "count": count}
                for mark, count in count_verdicts(self.result).items()]  # fmt: skip

    def coverage(self) -> View | None:
        """Of all files together."""
        files = (self.result["coverage"] or {}).get("lines", {})
        lines = {f"{file}:{line}": hits for file, rows in files.items() for line, hits in rows.items()}
        return shares(lines) if lines else None

    def finding(self, number: int, finding: Finding) -> View:
        """One finding, with the lines of source that it speaks of."""
        kind, frame = kind_of(finding["kind"]), place(finding)
        met = meeting(self.result, finding)
        failed = [called(self.result["sites"][index]) for scenario in met[:1] for index in scenario["fails"]]
        return {
            "number": number, "kind": finding["kind"], "title": kind.title, "advice": kind.advice,
            "module": finding["module"], "place": where(frame), "anchor": self.listing.anchor(frame),
            "sentence": sentence(self.result, finding), "replay": replay(self.result, finding),
            "object": _object(finding),
            "excerpts": self.listing.excerpts(finding, failed[-1] if failed else "this"),
            "stacks": [{"title": title, "frames": [self.frame(each) for each in finding[key]]}
                       for key, title in stack_titles(finding) if finding.get(key)],
            "scenarios": [{"index": index, "name": scenario_name(self.result, self.result["scenarios"][index])}
                          for index in finding.get("scenarios", ())],
        }  # fmt: skip

    def frame(self, frame: Frame) -> View:
        """A line of a stack."""
        return {"name": frame_name(frame), "place": where(frame) if frame.get("file") else "",
                "anchor": self.listing.anchor(frame)}  # fmt: skip

    def scenarios(self) -> list[View]:
        """The rows of the sweep's table."""
        return [self.scenario(index, scenario) for index, scenario in enumerate(self.result["scenarios"])]

    def scenario(self, index: int, scenario: dict[str, Any]) -> View:
        """One row. fails: what was made to fail; none in the normal run."""
        sites = [self.result["sites"][site] for site in scenario["fails"]]
        return {
            "index": index, "name": self.names[index], "verdict": scenario["verdict"],
            "verdict_text": scenario_verdict(self.result, scenario, Plain()),
            "fails": [self.site(site) for site in sites], "size": sum(site["size"] for site in sites),
            "result": scenario["result"], "steps": scenario["steps"], "replay": scenario["replay"],
            "nth": scenario["nth"][0] if scenario["nth"] else 0,
            "findings": [number + 1 for number in own_findings(self.result, scenario)],
        }  # fmt: skip

    def site(self, site: dict[str, Any]) -> View:
        """A place that can fail."""
        name, place_text, size = site_cells(site)
        return {"name": name, "place": place_text, "anchor": self.listing.anchor(site_place(site)), "size": size,
                "step": site.get("step", "")}  # fmt: skip


def _facts(result: Result) -> list[tuple[str, str]]:
    """The options that a reader wants to know of a sweep."""
    options = result["options"]
    memory = options.get("memory")
    facts = {
        "memory": in_bytes(memory) if isinstance(memory, int) else memory, "CPUs": options.get("cpus"),
        "seed": options.get("seed"), "fences": options.get("fences") or ("none" if options else None),
        "failures at once": options.get("depth"),
    }  # fmt: skip
    return [(name, str(value)) for name, value in facts.items() if value is not None]


def _object(finding: Finding) -> str:
    """`40 bytes at 0xffff888003a40028`."""
    if not finding["address"]:
        return ""
    size = f"{plural(finding['size'], 'byte')} at " if finding["size"] else ""
    return f"{size}{finding['address']:#x}"


def _memory(memory: dict[str, Any]) -> list[View]:
    """The rows of the table of memory: kinds, and the caches below the kind of which they are."""
    rows = []
    for kind, name in _MEMORY.items():
        if memory.get(kind, {}).get("allocs"):
            rows.append({"name": name, "below": False, **memory[kind]})
            rows += [{"name": cache, "below": True, **row} for cache, row in memory.get("by_cache", {}).items()
                     if (kind == "kmalloc") == ("kmalloc-" in cache) and kind in ("kmalloc", "slab")]
    for row in rows:
        row.update({f"{key}_text": in_bytes(row[key]) for key in ("bytes", "peak_bytes", "left_bytes")})
    return rows
