"""The page as text: what is in it, that it needs nothing else, and that no text becomes markup."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from runtime.report.html import html
from runtime.report.sources import Sources
from tests.runtime.report import sample

VOID = {"meta", "link", "br", "input", "hr", "img"}
SHAPES = {"rect", "polygon", "path"}


class Page(HTMLParser):
    """Elements, ids, links, text; complains of what is not closed."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.feed(text)
        assert not self.open, f"not closed: {self.open}"

    def handle_starttag(self, tag, attrs) -> None:
        given = dict(attrs)
        self.elements.append((tag, given))
        self.ids += [given["id"]] if given.get("id") else []
        self.links += [given["href"]] if given.get("href") else []
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag) -> None:
        assert self.open and self.open.pop() == tag, f"</{tag}> closes nothing"

    def handle_data(self, data) -> None:
        if not self.open or self.open[-1] not in ("style", "script"):
            self.words.append(data)

    def text(self) -> str:
        return " ".join(" ".join(self.words).split())

    def count(self, tag: str, **wanted: str) -> int:
        return sum(1 for name, given in self.elements
                   if name == tag and all(given.get(key.strip("_")) == value for key, value in wanted.items()))


def page(result: dict, sources: Sources | None = None) -> Page:
    return Page(html(result, sources or Sources()))


MAKERS = (sample.result, sample.run_result, sample.clean_result)


@pytest.mark.parametrize("make", MAKERS)
def test_every_link_leads_somewhere_and_no_id_is_there_twice(make) -> None:
    made = page(make())
    assert len(made.ids) == len(set(made.ids))
    assert {link.removeprefix("#") for link in made.links} <= set(made.ids)


@pytest.mark.parametrize("make", MAKERS)
def test_the_page_needs_nothing_but_itself(make) -> None:
    text = html(make(), Sources())
    assert not re.search(r"https?://|\bsrc\s*=|@import|url\(", text)
    assert "default-src 'none'" in text


def test_all_is_there_without_scripts() -> None:
    made = page(sample.result())
    assert made.count("article", class_="finding") == 4
    assert sum(1 for tag, given in made.elements if tag == "tr" and "data-verdict" in given) == 11
    text = made.text()
    assert f"leak widget.c:{sample.line('table = vmalloc')} 12288 bytes from vmalloc are lost when alloc_percpu" in text
    assert "kmodrun run widget.ko --check --fail nth=6" in text
    assert "kset_register() called from" in text
    assert 'a value < 0 & > 9 is "odd"' in text and "widget: <ready> & waiting" in text
    assert "None: whatever failed" not in text
    shown = {given.get("class") for tag, given in made.elements if tag == "form" and "hidden" not in given}
    assert not shown, "what only a script can do is not shown without one"


def test_each_line_of_the_source_has_its_coverage() -> None:
    text = html(sample.result(), Sources())
    for words, mark in (("buffer = kmalloc", "normal"), ("goto destroy_cache", "swept"), ("goto free_hits", "never")):
        assert f'<div class="l {mark}" id="f0-{sample.line(words)}">' in text, words
    assert f'<div class="l" id="f0-{sample.line("struct item {")}">' in text
    branch = next(line for line in text.splitlines() if f'id="f0-{sample.line("if (!buffer)")}"' in line)
    assert '"branch swept" title="1 of 2 directions taken in the normal run, 2 of 2 in the sweep">2/2<' in branch
    assert "92 % of 28 lines" in text


def test_findings_and_fault_points_stand_beside_their_lines() -> None:
    text = html(sample.result(), Sources())
    row = next(line for line in text.splitlines() if f'id="f0-{sample.line("table = vmalloc")}"' in line)
    assert 'href="#s4">vmalloc fails: null-deref</a>' in row
    assert '<a class="note found" href="#finding-4"><span class="number">4</span> leak</a>' in row


def test_a_page_without_findings_says_so() -> None:
    text = page(sample.clean_result()).text()
    assert "No findings" in text and "None: whatever failed, the module gave back what it had taken." in text


def test_a_sweep_that_was_interrupted_does_not_look_finished() -> None:
    text = page({**sample.clean_result(), "interrupted": True}).text()
    assert "No findings so far" in text and "gave back" not in text
    assert "the sweep was interrupted" in text


def test_a_source_that_is_not_at_hand_is_no_trouble() -> None:
    result = sample.result()
    text = re.sub(re.escape(str(sample.SOURCE)), "/nowhere/else.c", repr(result))
    made = page(eval(text))
    assert "The source of else.c is not at hand." in made.text()
    assert not [one for one in made.ids if one.startswith("f0")]


ODD = "<img src=x onerror=alert(1)>&\"'</script><script>alert(2)</script>{{ 7 * 7 }}"


def odd_everywhere(value, key: str = ""):
    """The same result with every text replaced by one that wants to be markup."""
    if isinstance(value, dict):
        return {each: odd_everywhere(part, each) for each, part in value.items()}
    if isinstance(value, list):
        return [odd_everywhere(part, key) for part in value]
    keep = key in ("kind", "verdict", "file", "steps") or not isinstance(value, str)
    return value if keep else value + ODD


def test_no_text_becomes_markup(tmp_path: Path) -> None:
    result = odd_everywhere(sample.result())
    source = tmp_path / "widget.c"
    source.write_text("\n".join(line + ODD for line in sample.LINES))
    made = page(eval(repr(result).replace(str(sample.SOURCE), str(source))))
    plain = page(sample.result())
    assert [tag for tag, _ in made.elements if tag == "img"] == []
    assert made.count("script") == plain.count("script") == 1
    assert not [key for _, given in made.elements for key in given if key.startswith("on")]
    assert "{{ 7 * 7 }}" in made.text()


def large_result(scenarios: int = 1000) -> dict:
    result = sample.result()
    row = result["scenarios"][1]
    result["scenarios"] += [{**row, "nth": [n]} for n in range(len(result["scenarios"]), scenarios)]
    return result


def test_a_large_sweep_is_a_page_of_moderate_size() -> None:
    text = html(large_result(), Sources())
    assert text.count("data-verdict=") == 1000
    assert len(text) < 1_000_000


def test_the_same_result_gives_the_same_page() -> None:
    assert html(sample.result(), Sources()) == html(sample.result(), Sources())
