import io
import re
import subprocess
import sys
from pathlib import Path

from runtime.report.sources import Sources
from runtime.report.style import Plain, Style
from runtime.report.text import SHOWN_FRAMES, finding_lines, sweep_lines
from tests.runtime.report import sample

PLAIN = Style(io.StringIO())


def frame(symbol: str, file: str | None = None, line: int = 0) -> dict:
    return {"symbol": symbol, "offset": 0x2A, "module": "leaky", "file": file, "line": line}


def lines_of(finding: dict, *beside: Path) -> list[str]:
    return list(finding_lines(finding, Sources(beside), PLAIN))


def test_a_finding_names_its_place_its_kind_and_its_message(tmp_path: Path) -> None:
    source = tmp_path / "leaky.c"
    source.write_text("static int f(void)\n{\n\tp = kmalloc(64, GFP_KERNEL);\n}\n")
    finding = {"kind": "leak", "message": "64 bytes", "at": [], "allocated": [frame("f", str(source), 3)], "freed": []}
    assert lines_of(finding) == ["leaky.c:3: leak: 64 bytes",
                                 "  allocated by f+0x2a [leaky] in leaky.c:3",
                                 "                 | p = kmalloc(64, GFP_KERNEL);"]


def test_a_source_that_moved_is_found_beside_the_module(tmp_path: Path) -> None:
    (tmp_path / "leaky.c").write_text("one\ntwo\n")
    finding = {"kind": "warn", "message": "x", "at": [frame("f", "/nowhere/build/leaky.c", 2)]}
    assert lines_of(finding, tmp_path)[-1].endswith("| two")


def test_a_header_is_named_and_the_c_file_that_includes_it_is_quoted(tmp_path: Path) -> None:
    (tmp_path / "slab.h").write_text("return __kmalloc(size, flags);\n")
    (tmp_path / "leaky.c").write_text("p = kmalloc(n, GFP_KERNEL);\n")
    stack = [frame("kmalloc", "slab.h", 1), frame("f", "leaky.c", 1)]
    lines = lines_of({"kind": "leak", "message": "x", "allocated": stack}, tmp_path)
    assert [line.split("| ")[1] for line in lines if "| " in line] == ["p = kmalloc(n, GFP_KERNEL);"]


def test_a_line_outside_the_source_is_not_quoted(tmp_path: Path) -> None:
    (tmp_path / "leaky.c").write_text("one\n")
    finding = {"kind": "warn", "message": "x", "at": [frame("f", "leaky.c", 9), frame("g", "leaky.c", 0)]}
    assert len(lines_of(finding, tmp_path)) == 3


def test_only_the_innermost_source_of_a_stack_is_quoted(tmp_path: Path) -> None:
    (tmp_path / "leaky.c").write_text("one\ntwo\n")
    finding = {"kind": "warn", "message": "x", "at": [frame("f"), frame("g", "leaky.c", 1), frame("h", "leaky.c", 2)]}
    assert [line.split("| ")[1] for line in lines_of(finding, tmp_path) if "| " in line] == ["one"]


def test_a_double_free_shows_all_three_stacks() -> None:
    stacks = {"at": [frame("a")], "allocated": [frame("b")], "freed": [frame("c")]}
    finding = {"kind": "double-free", "message": "x", **stacks}
    heads = [line.split("+")[0].split() for line in lines_of(finding)[1:]]
    assert heads == [["at", "a"], ["allocated", "by", "b"], ["freed", "by", "c"]]


def test_a_deep_stack_is_cut_and_says_so() -> None:
    finding = {"kind": "stack-overflow", "message": "x", "at": [frame("f")] * 100}
    lines = lines_of(finding)
    assert len(lines) == SHOWN_FRAMES + 2
    assert lines[-1].strip() == f"and {100 - SHOWN_FRAMES} more frames"


def report(result: dict, seconds: float | None = None) -> list[str]:
    return list(sweep_lines(result, Sources(), PLAIN, seconds))


def test_a_leak_names_the_allocation_its_function_and_what_had_to_fail() -> None:
    lines = report(sample.result())
    lost, failed = sample.line("table = vmalloc"), sample.line("hits = alloc_percpu")
    head = f"widget.c:{lost}: leak: 12288 bytes from vmalloc are lost when alloc_percpu at widget.c:{failed} fails"
    start = lines.index(f"{head} (and in 1 more)")
    assert lines[start + 1].strip() == f"allocated by widget_init+{4 * lost:#x} [widget] in widget.c:{lost}"
    assert lines[start + 2].strip() == "| table = vmalloc(3 * PAGE_SIZE);"
    end = lines.index("", start)
    assert lines[end - 1].strip() == "replay with kmodrun run widget.ko --check --fail nth=6"


def test_the_scenario_with_the_fewest_failures_is_the_one_that_is_told() -> None:
    result = sample.result()
    result["findings"][3]["scenarios"] = [10, 7]
    assert " when misc_register at widget.c:" in "\n".join(report(result))
    assert " and misc_register" not in "\n".join(report(result))


def test_two_failures_that_are_needed_are_both_told() -> None:
    result = sample.result()
    result["findings"][1]["scenarios"] = [10]
    first, second = sample.line("table = vmalloc"), sample.line("hits = alloc_percpu")
    assert any(line.endswith(f" when vmalloc at widget.c:{first} and alloc_percpu at widget.c:{second} fail")
               for line in report(result))


def test_what_the_normal_run_shows_needs_no_failure() -> None:
    assert f'widget.c:{sample.line("opened++")}: warn: a value < 0 & > 9 is "odd"' in report(sample.result())


def test_a_leak_of_a_cache_names_the_cache() -> None:
    message = "a slab cache for objects of 40 bytes: still there after widget has gone"
    result = sample.with_finding(sample.finding("leak", message, [3], allocated=sample.result()["sites"][1]["at"]))
    words = "leak: a slab cache for objects of 40 bytes, widget_items of kmem_cache_create, is lost when "
    assert words in report(result)[0]


def test_a_leak_from_where_no_allocation_was_seen_keeps_its_message() -> None:
    stack = [sample.frame("opened++", "widget_open")]
    result = sample.with_finding(sample.finding("leak", "5 bytes from a slab: still there", [0], allocated=stack))
    assert report(result)[0].endswith(": leak: 5 bytes from a slab: still there")


def test_the_table_of_sites_says_what_each_failure_led_to() -> None:
    lines = report(sample.result())
    table = lines[lines.index(next(line for line in lines if line.startswith("where it may fail"))) + 1:][:7]
    assert [line.split("  ")[-1].strip() for line in table] == [
        *["handled: ENOMEM"] * 3, "null-deref", "double-free", "leak", "leak"]
    assert table[0].split()[:4] == ["kmalloc", f"widget.c:{sample.line('buffer = kmalloc')}", "100", "B"]
    assert table[1].startswith("kmem_cache_create widget_items ")


def test_a_site_that_was_never_made_to_fail_has_a_dash() -> None:
    result = sample.clean_result()
    assert [line.endswith("  -") for line in report(result)[1:8]] == [False] * 3 + [True] * 4


def test_the_summary_counts_and_has_a_rate_only_where_a_time_is_given() -> None:
    counts = ": 3 handled, 1 ignored, 6 with findings, 1 unsupported"
    assert report(sample.result())[-1] == "7 sites, 11 scenarios" + counts
    assert report(sample.result(), 0.0009)[-1] == "7 sites, 11 scenarios in 0.9 ms (12,222/s)" + counts
    assert report(sample.result(), 2.5)[-1].startswith("7 sites, 11 scenarios in 2.5 s (4/s)")


def test_coverage_names_the_error_paths_that_nothing_reached() -> None:
    lines = report(sample.result())
    assert f"  widget.c:{sample.line('goto free_hits')}: error path never reached, in widget_init()" in lines
    assert any(line.startswith("coverage: widget.c: 92 % of 28 lines (57 % in the normal run)") for line in lines)


def test_a_gap_is_told() -> None:
    assert any(line.startswith("unsupported: kset_register() called from") for line in report(sample.result()))


def test_the_object_of_run_is_a_result_too() -> None:
    lines = report(sample.run_result())
    assert any(": leak: 12288 bytes from vmalloc: still allocated after widget has gone after the call at" in line
               for line in lines)
    assert lines[-1] == "0 sites, 1 scenario: 1 with findings"


def test_the_result_is_not_changed() -> None:
    for made in (sample.result, sample.run_result):
        given = made()
        report(given)
        assert given == made()


def test_colour_marks_words_and_changes_nothing_else() -> None:
    style = Plain()
    style.on = True
    coloured = "\n".join(sweep_lines(sample.result(), Sources(), style))
    assert "\033[1;31mleak\033[0m: 12288" in coloured
    plain = "\n".join(report(sample.result()))
    assert re.sub(r"\033\[[0-9;]*m", "", coloured).replace(" ", "") == plain.replace(" ", "")


def test_the_report_is_printed_within_milliseconds() -> None:
    """Imports that a run has not done yet included: what a person waits for after it."""
    code = ("import runtime.machine, time; begin = time.process_time()\n"
            "from runtime.report.text import finding_lines, Sources; from runtime.report.style import Plain\n"
            f"finding = {sample.findings()[3]!r}\n"
            "text = list(finding_lines(finding, Sources(), Plain()))\n"
            "assert any('| table = vmalloc' in line for line in text); print(time.process_time() - begin)")
    took = [float(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout)
            for _ in range(3)]
    assert min(took) < 0.030


def test_a_message_that_names_the_failed_call_is_not_told_twice() -> None:
    at = sample.line("table = vmalloc")
    message = f"write to NULL; vmalloc() at widget.c:{at} had returned NULL and was not checked"
    result = sample.with_finding(sample.finding("null-deref", message, [4, 10], at=sample.findings()[1]["at"]))
    assert report(result)[0].endswith(f"null-deref: {message} (and in 1 more)")
