"""The result as JUnit XML: a test suite for each module, a test case for each scenario.

Valid against the schema that Jenkins publishes (junit-10.xsd), which GitLab, GitHub's actions and others read as well.
"""

import re
from pathlib import PurePath
from typing import Any
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from runtime.report.result import Result, own_findings, scenario_names, site_place, whole
from runtime.report.sources import Sources
from runtime.report.style import Plain
from runtime.report.text import finding_lines, scenario_verdict
from runtime.report.words import headline

_NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def junit(result: Result, sources: Sources) -> str:
    """The XML document. A scenario with findings is a failure, one that met something unsupported is skipped.

    The normal run is in the suite of each module, with what that module did in it; any other scenario is in the suite
    of the module whose call failed first.
    """
    result = whole(result)
    names = scenario_names(result)
    root = Element("testsuites", name="kmodrun")
    for module in result["modules"]:
        suite = SubElement(root, "testsuite", name=module["name"])
        if module.get("path"):
            suite.set("file", _clean(PurePath(module["path"]).as_posix()))
        for scenario, name in zip(result["scenarios"], names, strict=True):
            if _belongs(result, scenario, module["name"]):
                _case(suite, module["name"], name, result, scenario, sources)
        _count(suite)
    for key in ("tests", "failures", "errors"):
        root.set(key, str(sum(int(suite.get(key, "0")) for suite in root)))
    indent(root)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + tostring(root, encoding="unicode") + "\n"


def _belongs(result: Result, scenario: dict[str, Any], module: str) -> bool:
    if not scenario["fails"]:
        return True
    owner = result["sites"][scenario["fails"][0]]["module"]
    names = [row["name"] for row in result["modules"]]
    return module == owner or owner not in names and module == names[0]


def _case(
    suite: Element, module: str, name: str, result: Result, scenario: dict[str, Any], sources: Sources
) -> None:
    case = SubElement(suite, "testcase", classname=module, name=_clean(name))
    findings = [result["findings"][index] for index in own_findings(result, scenario)]
    if not scenario["fails"] and len(result["modules"]) > 1:
        others = {row["name"] for row in result["modules"]} - {module}
        findings = [finding for finding in findings if finding["module"] not in others]
    if findings:
        more = f" (and {len(findings) - 1} more)" if len(findings) > 1 else ""
        kinds = dict.fromkeys(finding["kind"] for finding in findings)
        message = _clean(headline(result, findings[0]) + more)
        failure = SubElement(case, "failure", type=", ".join(kinds), message=message)
        failure.text = _clean(_text(result, findings, sources))
    elif scenario["verdict"] == "failed":
        message = _clean(scenario_verdict(result, scenario, Plain()))
        SubElement(case, "failure", type="failed", message=message).text = message
    elif scenario["verdict"] == "unsupported":
        SubElement(case, "skipped", message=_clean("; ".join(result["unsupported"]) or "unsupported"))
    SubElement(case, "system-out").text = _clean(_outcome(result, scenario))


def _text(result: Result, findings: list[dict[str, Any]], sources: Sources) -> str:
    parts = ["\n".join(finding_lines(finding, sources, Plain(), result)) for finding in findings]
    return "\n" + "\n\n".join(parts) + "\n"


def _outcome(result: Result, scenario: dict[str, Any]) -> str:
    """What came of it, how each step ended, where the failures were, and the command that shows it again."""
    lines = [scenario_verdict(result, scenario, Plain())]
    lines += [f"{step['step']}: {step['result']}" for step in scenario["steps"]]
    for index in scenario["fails"]:
        frame = site_place(result["sites"][index])
        if frame is not None and frame.get("file"):
            lines.append(f"made to fail at {frame['file']}:{frame['line']}")
    if scenario["replay"]:
        lines.append(scenario["replay"])
    return "\n" + "\n".join(lines) + "\n"


def _count(suite: Element) -> None:
    suite.set("tests", str(len(suite)))
    suite.set("failures", str(len(suite.findall("testcase/failure"))))
    suite.set("errors", "0")
    suite.set("skipped", str(len(suite.findall("testcase/skipped"))))


def _clean(text: str) -> str:
    """What XML cannot hold (a control character in a log) as U+FFFD."""
    return _NOT_IN_XML.sub("\ufffd", text)
