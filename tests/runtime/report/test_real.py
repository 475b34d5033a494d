"""A real sweep of widget.c, in every format: what is told is at the lines where the mistakes are."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from runtime.report.dump import dump
from runtime.report.html import html
from runtime.report.junit import junit
from runtime.report.sarif import sarif
from runtime.report.sources import Sources
from runtime.report.style import Plain
from runtime.report.text import sweep_lines
from runtime.sweep.parallel import Front
from runtime.sweep.spec import of_modules
from tests.runtime.report import sample
from tests.runtime.report.test_html import page
from tests.runtime.report.test_junit import SCHEMA
from tests.runtime.report.test_sarif import VALIDATOR


@pytest.fixture(scope="module")
def swept(build_ko: Callable[[Path], Path]) -> dict[str, Any]:
    module = build_ko(sample.SOURCE).read_bytes()
    spec = of_modules({"widget": module}, {}, config={"fences": "right"}, coverage=True, observe=True)
    [result] = Front([spec]).run()
    return result


def test_the_terminal_names_each_mistake_at_its_line(swept: dict[str, Any]) -> None:
    text = "\n".join(sweep_lines(swept, Sources(), Plain()))
    deref, table = sample.line("table[0] = first->key"), sample.line("table = vmalloc")
    second, page_at = sample.line("kmem_cache_free(cache, item)"), sample.line("page = alloc_page")
    assert f"widget.c:{deref}: null-deref: " in text
    assert f"widget.c:{second}: double-free: " in text and f" when alloc_pages at widget.c:{page_at} fails" in text
    lost = f"widget.c:{table}: leak: 12288 bytes from vmalloc are lost when alloc_percpu at widget.c:"
    assert f"{lost}{sample.line('hits = alloc_percpu')} fails (and in 1 more)" in text
    assert "\n7 sites, 8 scenarios: 1 clean, 3 handled, 4 with findings" in text


def test_the_documents_are_valid(swept: dict[str, Any]) -> None:
    SCHEMA.validate(ElementTree.fromstring(junit(swept, Sources())))
    VALIDATOR.validate(json.loads(sarif(swept, Sources(), sample.SOURCE.parent)))
    assert json.loads(dump(swept)) == json.loads(json.dumps(swept))


def test_the_page_shows_findings_coverage_and_memory(swept: dict[str, Any]) -> None:
    text = html(swept, Sources())
    made = page(swept)
    rows = [given for tag, given in made.elements if tag == "tr" and "data-verdict" in given]
    assert len(rows) == 8 and made.count("article", class_="finding") == len(swept["findings"])
    assert f'class="l swept" id="f0-{sample.line("free_percpu(hits)")}"' in text
    assert f'class="l never" id="f0-{sample.line("opened++")}"' in text
    assert {"Alive over time", "Zone DMA", "Zone DMA32", "widget_items"} <= {word.strip() for word in made.words}


def test_the_same_sweep_gives_the_same_reports(swept: dict[str, Any], build_ko: Callable[[Path], Path]) -> None:
    module = build_ko(sample.SOURCE).read_bytes()
    spec = of_modules({"widget": module}, {}, config={"fences": "right"}, coverage=True, observe=True)
    [again] = Front([spec]).run()
    for report in (dump, lambda result: html(result, Sources()), lambda result: junit(result, Sources())):
        assert report(again) == report(swept)
