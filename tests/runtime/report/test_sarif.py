import json
from pathlib import Path

import jsonschema
import pytest

from runtime.check.findings import KINDS as REPORTED
from runtime.report.kinds import KINDS
from runtime.report.sarif import sarif
from runtime.report.sources import Sources
from tests.runtime.report import sample

SCHEMA = json.loads((Path(__file__).parents[2] / "data" / "report" / "sarif-schema-2.1.0.json").read_text())
VALIDATOR = jsonschema.Draft4Validator(SCHEMA)
ROOT = sample.SOURCE.parent


def run_of(result: dict, root: Path | None = ROOT, **options: str) -> dict:
    document = json.loads(sarif(result, Sources(), root, **options))
    VALIDATOR.validate(document)
    return document["runs"][0]


def with_every_kind() -> dict:
    result, at = sample.result(), sample.stack(sample.frame("opened++"))
    result["findings"] = [sample.finding(kind, "x", [0], at=at) for kind in REPORTED]
    return result


def without_places() -> dict:
    result = sample.result()
    for finding in result["findings"]:
        finding.update(at=[sample.kernel("do_one_initcall", 8)], allocated=[], freed=[], failed=[])
    return result


@pytest.mark.parametrize(
    "make", [sample.result, sample.run_result, sample.clean_result, with_every_kind, without_places]
)
@pytest.mark.parametrize("root", [ROOT, None])
def test_the_document_is_valid(make, root) -> None:
    run_of(make(), root, command="kmodrun sweep widget.c")


def test_the_schema_refuses_what_is_wrong() -> None:
    document = json.loads(sarif(sample.result(), Sources()))
    document["runs"][0]["results"][0]["level"] = "bad"
    assert not VALIDATOR.is_valid(document)


def test_every_kind_of_finding_is_explained() -> None:
    assert set(KINDS) == REPORTED
    rules = run_of(with_every_kind())["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == sorted(REPORTED)
    assert all(rule["help"]["text"] and "What to do" in rule["help"]["markdown"] for rule in rules)


def test_a_result_is_at_its_line_below_the_root() -> None:
    run = run_of(sample.result())
    leak = run["results"][3]
    place = leak["locations"][0]["physicalLocation"]
    assert place["artifactLocation"] == {"uri": "widget.c", "uriBaseId": "SRCROOT"}
    assert place["region"] == {"startLine": sample.line("table = vmalloc"),
                               "snippet": {"text": "table = vmalloc(3 * PAGE_SIZE);"}}
    assert run["originalUriBaseIds"]["SRCROOT"]["uri"] == ROOT.as_uri() + "/"
    assert run["tool"]["driver"]["rules"][leak["ruleIndex"]]["id"] == leak["ruleId"] == "leak"
    assert "12288 bytes from vmalloc are lost when alloc_percpu at" in leak["message"]["text"]


def test_a_file_outside_the_root_has_a_whole_uri() -> None:
    place = run_of(sample.result(), ROOT / "elsewhere")["results"][3]["locations"][0]["physicalLocation"]
    assert place["artifactLocation"] == {"uri": sample.SOURCE.as_uri()}


def test_a_path_that_is_relative_or_odd_is_still_a_uri() -> None:
    result = sample.result()
    for found in result["findings"]:
        for frame in [*found["at"], *found["allocated"], *found["freed"], *found["failed"]]:
            frame["file"] = frame["file"] and "drivers/my widget#1.c"
    place = run_of(result)["results"][3]["locations"][0]["physicalLocation"]
    assert place["artifactLocation"] == {"uri": "drivers/my%20widget%231.c", "uriBaseId": "SRCROOT"}


def test_the_other_places_stand_beside_it() -> None:
    results = run_of(sample.result())["results"]
    assert [row["message"]["text"] for row in results[3]["relatedLocations"]] == ["alloc_percpu fails here"]
    twice = {row["message"]["text"]: row["physicalLocation"]["region"]["startLine"]
             for row in results[2]["relatedLocations"]}
    assert twice == {"the object is allocated here": sample.line("first = kmem_cache_alloc"),
                     "the object is freed here": sample.line("kmem_cache_free(cache, item)"),
                     "alloc_pages fails here": sample.line("page = alloc_page")}


def test_the_way_leads_from_the_allocation_to_the_second_free() -> None:
    [flow] = run_of(sample.result())["results"][2]["codeFlows"]
    steps = [step["location"]["message"]["text"] for step in flow["threadFlows"][0]["locations"]]
    assert steps == ["the object is allocated here", "alloc_pages fails here", "in widget_init+0x100 [widget]",
                     "the object is freed here", "in widget_init+0x14c [widget]", "it happens here"]


def test_stacks_are_innermost_first() -> None:
    at = run_of(sample.result())["results"][2]["stacks"][0]
    names = [frame["location"]["message"]["text"].partition("+")[0] for frame in at["frames"]]
    assert (at["message"]["text"], names) == ("at", ["drop_item", "widget_init", "do_one_initcall", "do_init_module"])


def prints(result: dict, sources: Sources) -> list[str]:
    rows = json.loads(sarif(result, sources, ROOT))["runs"][0]["results"]
    return [row["partialFingerprints"]["kmodrunCause/v1"] for row in rows]


def test_a_fingerprint_survives_lines_that_are_inserted_above(tmp_path: Path) -> None:
    moved = sample.result()
    (tmp_path / "widget.c").write_text("\n" * 7 + sample.SOURCE.read_text())
    for found in moved["findings"]:
        for frame in [*found["at"], *found["allocated"], *found["freed"], *found["failed"]]:
            if frame["file"]:
                frame.update(file=str(tmp_path / "widget.c"), line=frame["line"] + 7, offset=frame["offset"] + 64)
    before = prints(sample.result(), Sources())
    assert prints(moved, Sources()) == before
    assert len(set(before)) == 4


def test_two_findings_of_equal_fingerprint_are_told_apart() -> None:
    result = sample.result()
    result["findings"].append(result["findings"][3])
    first, second = prints(result, Sources())[3:]
    assert first != second and first.partition(":")[0] == second.partition(":")[0]


def test_a_gap_is_a_notification_and_no_result() -> None:
    invocation = run_of(sample.result(), command="kmodrun sweep 'my widget.c'")["invocations"][0]
    assert invocation["commandLine"] == "kmodrun sweep 'my widget.c'"
    assert invocation["executionSuccessful"] is False
    gap, note = invocation["toolExecutionNotifications"]
    assert gap["message"]["text"].startswith("unsupported: kset_register()") and gap["level"] == "warning"
    assert note["message"]["text"].startswith("the compiler has zeroed") and note["level"] == "note"
    assert run_of(sample.clean_result())["invocations"][0]["executionSuccessful"] is True
