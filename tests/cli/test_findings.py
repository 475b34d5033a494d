import io
from pathlib import Path

from cli.findings import SHOWN_FRAMES, Sources, finding_lines
from cli.style import Style

PLAIN = Style(io.StringIO())


def frame(symbol: str, file: str | None = None, line: int = 0) -> dict:
    return {"symbol": symbol, "offset": 0x2A, "module": "leaky", "file": file, "line": line}


def lines_of(finding: dict, *beside: Path) -> list[str]:
    return list(finding_lines(finding, Sources(beside), PLAIN))


def test_a_finding_names_its_kind_its_message_and_where(tmp_path: Path) -> None:
    source = tmp_path / "leaky.c"
    source.write_text("static int f(void)\n{\n\tp = kmalloc(64, GFP_KERNEL);\n}\n")
    finding = {"kind": "leak", "message": "64 bytes", "at": [], "allocated": [frame("f", str(source), 3)], "freed": []}
    assert lines_of(finding) == ["leak: 64 bytes",
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
