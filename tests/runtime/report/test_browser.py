"""The page in a real browser: no script fails, nothing runs over the edge, words can be read, the table sorts."""

from collections.abc import Callable
from pathlib import Path

import pytest

from runtime.report.html import html
from runtime.report.sources import Sources
from tests.runtime.report import browser, sample
from tests.runtime.report.test_html import large_result, odd_everywhere

OVERFLOW = """() => {
  const edge = document.documentElement.clientWidth, wide = [];
  const clipped = (one) => { for (one = one.parentElement; one; one = one.parentElement)
    if (getComputedStyle(one).overflowX !== "visible" && one !== document.body) return true; return false; };
  for (const one of document.body.querySelectorAll("*"))
    if (one.getBoundingClientRect().right > edge + 1 && !clipped(one)) wide.push(one.outerHTML.slice(0, 80));
  return {width: innerWidth, scroll: document.documentElement.scrollWidth, wide: wide,
          rows: document.querySelectorAll("table.sweep tbody tr").length,
          cut: [...document.querySelectorAll(".code code")].filter((c) => c.scrollWidth > c.clientWidth + 1).length};
}"""

CONTRAST = """() => {
  const canvas = document.createElement("canvas").getContext("2d", {willReadFrequently: true});
  const rgba = (text) => { canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = text; canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data]; };
  const light = ([r, g, b]) => {
    const f = (v) => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
    return 0.2126 * f(r) + 0.7152 * f(g) + 0.0722 * f(b);
  };
  const ground = (one) => {
    for (; one; one = one.parentElement) {
      const color = rgba(getComputedStyle(one).backgroundColor);
      if (color[3] === 255) return color;
    }
    return [255, 255, 255];
  };
  const poor = {};
  let count = 0;
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const one = walk.currentNode.parentElement;
    if (!walk.currentNode.data.trim() || !one.checkVisibility() || one.closest("svg, script, style, .map")) continue;
    const a = light(rgba(getComputedStyle(one).color)), b = light(ground(one));
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    count++;
    if (ratio < 4.5) poor[one.tagName + "." + one.className] = Math.round(ratio * 100) / 100;
  }
  return {poor: poor, count: count, dark: light(ground(document.body)) < 0.2};
}"""

SORTED = """() => {
  const rows = () => [...document.querySelectorAll("table.sweep tbody tr")].map((row) => +row.cells[0].innerText);
  const button = (n) => document.querySelectorAll("table.sweep th button")[n];
  const made = {first: rows()};
  button(3).click(); made.size = rows();
  button(3).click(); made.backwards = rows(); made.state = button(3).parentElement.getAttribute("aria-sort");
  button(3).click(); made.again = rows();
  button(1).click(); made.name = [...document.querySelectorAll("td.what")].map((cell) => cell.textContent.trim());
  return made;
}"""

FILTERED = """() => {
  const form = document.querySelector("form.filter"), told = [];
  const shown = () => [...document.querySelectorAll("table.sweep tbody tr")].filter((row) => !row.hidden).length;
  const say = () => told.push([shown(), form.querySelector("output").textContent]);
  const type = (words) => {
    form.elements.text.value = words;
    form.elements.text.dispatchEvent(new Event("input", {bubbles: true}));
  };
  say();
  form.querySelector("input[value=findings]").click(); say();
  type("misc leak"); say();
  form.querySelector("input[value='']").click(); say();
  type("no such words"); say();
  return {told: told, visible: form.checkVisibility()};
}"""


def full_result() -> dict:
    """With everything that a page can have."""
    free = [[0x100, 256, "free", 8], [0x200, 64, "slab widget_items", 0], [0x240, 192, "kernel", -1],
            [0x400, 61440, "free", 10]]
    zone = {"name": "DMA32", "node": 0, "start": 0x100, "pages": 62208, "managed": 62208, "free": 61696,
            "orders": [0] * 8 + [1, 0, 60], "runs": free}
    cache = {"name": "widget_items", "created": [], "size": 40, "object_size": 40, "order": 0, "objects": 102,
             "slabs": [{"base": 0xFFFF888003A40000, "map": "#" * 30 + "." * 72}] * 3, "more": 2, "live": 90,
             "total": 510}
    line = {"kinds": ["slab", "pages", "vmalloc", "percpu"], "events": 4, "peaks": [140, 4096, 0, 8],
            "samples": [[1, 0, 100, 0, 0, 0], [2, 9, 140, 4096, 0, 0], [3, 9, 140, 4096, 0, 8], [4, 20, 0, 0, 0, 0]],
            "marks": [[0, "insmod widget"], [3, "rmmod widget"], [4, "end"]]}
    return {**sample.result(), "zones": [zone], "slabs": [cache], "timeline": line}


def long_words() -> dict:
    """Names as long as they come: none of them may push the page wider than it is."""
    return odd_everywhere(eval(repr(full_result()).replace("kmem_cache_create", "kmem_cache_create" * 6)))


@pytest.mark.parametrize("width", [400, 1280])
@pytest.mark.parametrize("make", [full_result, sample.run_result, sample.clean_result, long_words])
def test_nothing_runs_over_the_edge(tmp_path: Path, width: int, make: Callable[[], dict]) -> None:
    result = make()
    found = browser.probe(tmp_path, html(result, Sources()), width, OVERFLOW)
    assert found["width"] == width
    assert found["wide"] == [] and found["scroll"] <= width and found["cut"] == 0
    assert found["rows"] == (len(result["scenarios"]) if "scenarios" in result else 0)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_words_can_be_read_on_light_and_on_dark_ground(tmp_path: Path, theme: str) -> None:
    arguments = [browser.DARK] if theme == "dark" else []
    found = browser.probe(tmp_path, html(full_result(), Sources()), 1280, CONTRAST, *arguments)
    assert found["dark"] == (theme == "dark")
    assert found["count"] > 300 and found["poor"] == {}


def test_a_click_on_a_heading_sorts_and_the_third_gives_the_first_order_back(tmp_path: Path) -> None:
    found = browser.probe(tmp_path, html(full_result(), Sources()), 1280, SORTED)
    first = list(range(11))
    assert found["first"] == found["again"] == first
    sizes = [sum(sample.SITES[site][3] for site in row["fails"]) for row in sample.scenarios()]
    assert found["size"] == sorted(first, key=lambda n: (sizes[n], n))
    assert found["backwards"] == sorted(first, key=lambda n: (-sizes[n], n)) and found["state"] == "descending"
    assert found["name"][:3] == ["alloc_pages", "alloc_percpu", "kmalloc"]


def test_the_filter_shows_verdicts_and_words(tmp_path: Path) -> None:
    found = browser.probe(tmp_path, html(full_result(), Sources()), 1280, FILTERED)
    assert found["visible"]
    assert found["told"] == [[11, ""], [6, "6 of 11 shown"], [1, "1 of 11 shown"], [1, "1 of 11 shown"],
                             [0, "0 of 11 shown"]]


def test_a_thousand_scenarios_are_sorted_and_filtered(tmp_path: Path) -> None:
    question = f"() => ({{sorted: ({SORTED})().again.length, filtered: ({FILTERED})().told}})"
    found = browser.probe(tmp_path, html(large_result(), Sources()), 1280, question)
    assert found["sorted"] == 1000
    assert found["filtered"][1] == [6, "6 of 1000 shown"]


def test_a_picture_of_the_page_has_its_colours(tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text(html(full_result(), Sources()), encoding="utf-8")
    picture = tmp_path / "page.png"
    browser.run(tmp_path, "page.html", "--window-size=1280,2400", f"--screenshot={picture}")
    data = picture.read_bytes()
    assert data.startswith(b"\x89PNG") and int.from_bytes(data[16:20], "big") == 1280
    assert len(data) > 100_000, "a blank page is smaller"
