from pathlib import Path
from xml.etree import ElementTree

import pytest
import xmlschema

from runtime.report.junit import junit
from runtime.report.sources import Sources
from tests.runtime.report import sample

SCHEMA = xmlschema.XMLSchema(Path(__file__).parents[2] / "data" / "report" / "junit-10.xsd")


def parsed(result: dict) -> ElementTree.Element:
    return ElementTree.fromstring(junit(result, Sources()))


def odd_result() -> dict:
    """Names and messages with everything that needs care in XML."""
    result = sample.result()
    result["modules"][0]["name"] = result["sites"][0]["module"] = "wid<get>&\"'"
    result["findings"][0]["message"] = "]]> \x00\x1b[31m \ud800 <b>&amp;"
    return result


@pytest.mark.parametrize("make", [sample.result, sample.run_result, sample.clean_result, odd_result])
def test_the_document_is_valid(make) -> None:
    SCHEMA.validate(ElementTree.fromstring(junit(make(), Sources())))


def test_the_schema_refuses_what_is_wrong() -> None:
    root = parsed(sample.result())
    del root[0].attrib["failures"]
    assert not SCHEMA.is_valid(root)


def test_there_is_a_case_for_each_scenario_and_its_name_says_what_failed() -> None:
    names = [case.get("name") for case in parsed(sample.result()).iter("testcase")]
    buffer, page = sample.line("buffer = kmalloc"), sample.line("page = alloc_page")
    assert len(names) == len(set(names)) == 11
    assert names[:2] == ["normal run", f"kmalloc at widget.c:{buffer} fails"]
    assert f"kmem_cache_create at widget.c:{sample.line('cache = ')} and alloc_pages at widget.c:{page} fail" in names


def test_scenarios_at_one_line_have_names_that_differ() -> None:
    result = sample.result()
    result["scenarios"] += [{**result["scenarios"][1], "nth": [20]}]
    names = [str(case.get("name")) for case in parsed(result).iter("testcase")]
    assert len(set(names)) == 12
    assert names[1].endswith(" fails, nth=1") and names[11].endswith(" fails, nth=20")


def test_a_failure_tells_the_finding_and_the_command() -> None:
    cases = {case.get("name"): case for case in parsed(sample.result()).iter("testcase")}
    case = cases[f"alloc_percpu at widget.c:{sample.line('hits = ')} fails"]
    failure = case.find("failure")
    assert failure is not None and failure.get("type") == "leak"
    assert str(failure.get("message")).startswith(f"widget.c:{sample.line('table = vmalloc')}: leak: 12288 bytes from")
    assert "| table = vmalloc(3 * PAGE_SIZE);" in str(failure.text)
    assert "\nkmodrun run widget.ko --check --fail nth=6\n" in str(case.findtext("system-out"))


def test_what_is_handled_passes_and_what_met_a_gap_is_skipped() -> None:
    root = parsed(sample.result())
    assert [root.get(key) for key in ("tests", "failures", "errors")] == ["11", "6", "0"]
    assert root[0].get("skipped") == "1"
    skipped = root.find(".//skipped")
    assert skipped is not None and str(skipped.get("message")).startswith("kset_register() called from")
    passed = [case for case in root.iter("testcase") if case.find("failure") is None and case.find("skipped") is None]
    assert len(passed) == 4


def test_each_module_has_a_suite_with_its_own_scenarios() -> None:
    result = sample.result()
    result["modules"].append({"name": "other", "path": "other.ko"})
    result["sites"][1]["module"] = "other"
    suites = {suite.get("name"): suite for suite in parsed(result)}
    assert [len(suites[name]) for name in ("widget", "other")] == [9, 3]
    assert suites["other"][0].find("failure") is None, "the normal run's finding is the other module's"


def test_what_xml_cannot_hold_is_replaced() -> None:
    assert "]]> \ufffd\ufffd[31m \ufffd <b>&amp;" in str(parsed(odd_result()).find(".//failure").get("message"))


def test_the_same_result_gives_the_same_document() -> None:
    assert junit(sample.result(), Sources()) == junit(sample.result(), Sources())
