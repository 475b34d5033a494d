import re
from html import unescape

from runtime.report.highlight import highlight
from tests.runtime.report import sample


def plain(html: str) -> str:
    return unescape(re.sub(r"<[^>]*>", "", html))


def test_the_text_stays_as_it_is_line_by_line() -> None:
    assert [plain(line) for line in highlight(sample.LINES)] == sample.LINES


def test_each_line_is_whole_html_though_a_comment_goes_on() -> None:
    lines = highlight(["int a; /* one", "two", "three */ int b;"])
    assert [line.count("<span") == line.count("</span>") for line in lines] == [True] * 3
    assert lines[1] == '<span class="c">two</span>'
    assert lines[2].endswith('<span class="k">int</span> b;')


def test_tokens_have_their_classes() -> None:
    [line] = highlight(['return "a\\"b" + 0x2aUL; // done'])
    assert line == ('<span class="k">return</span> <span class="s">&#34;a\\&#34;b&#34;</span> + '
                    '<span class="d">0x2aUL</span>; <span class="c">// done</span>')


def test_markup_in_the_source_is_text() -> None:
    [line] = highlight(["a<b>&c</b> \"<script>\""])
    assert line == 'a&lt;b&gt;&amp;c&lt;/b&gt; <span class="s">&#34;&lt;script&gt;&#34;</span>'


def test_an_open_comment_and_no_lines_are_no_trouble() -> None:
    assert highlight(["/* never closed"]) == ['<span class="c">/* never closed</span>']
    assert highlight([]) == [""]


def test_words_within_names_are_no_keywords() -> None:
    assert highlight(["int_value = forty_if(x86);"]) == ["int_value = forty_if(x86);"]
