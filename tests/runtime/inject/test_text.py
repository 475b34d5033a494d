import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtime.errors import Usage
from runtime.inject.kinds import BY_NAME
from runtime.inject.text import WORDS, Rule, parse
from runtime.inject.values import ADDRESS, ERROR, FLAG, SPAN_END, TIMES, ULONG_MAX

NAMES = st.from_regex(r"[a-z_][a-z0-9_]{0,12}", fullmatch=True)
NUMBERS = st.integers(1, 1 << 40)
VALUES = {
    **dict.fromkeys(("nth", "every", "from", "fail-nth", "interval", "seed", "space", "min-order", "verbose",
                    "stacktrace-depth"), NUMBERS),
    **{word: st.integers(0, ULONG_MAX) for word, form in WORDS.items() if form is ADDRESS},
    **{word: st.booleans() for word, form in WORDS.items() if form is FLAG},
    **dict.fromkeys(("function", "module", "task", "cache"), NAMES),
    "times": st.integers(-1, 1000),
    "p": st.integers(0, 100_000_000),
    "probability": st.integers(0, 100).map(lambda percent: percent * 1_000_000),
    "size": st.tuples(st.integers(0, 4096), st.integers(4097, 1 << 20) | st.just(SPAN_END)),
    "order": st.integers(0, 10).map(lambda order: (order, order)),
    "gfp": st.lists(st.sampled_from(["GFP_KERNEL", "GFP_ATOMIC", "__GFP_ZERO"]), min_size=1, unique=True).map(tuple),
    "site": st.tuples(st.just("drivers/foo.c"), st.integers(0, 9999)),
    "stack": st.integers(0, 0xFFFFFFFF),
    "context": st.sampled_from(["atomic", "process", "irq"]),
    "error": st.sampled_from(["EBUSY", "ENOMEM", "NULL", "ERESTARTSYS"]),
}  # fmt: skip
TAKE_OTHERS = {"fail-nth", "interval", "probability", "seed", "cache-filter"}  # where words stand alone, or go together


@st.composite
def words(draw: st.DrawFn) -> tuple[tuple[str, object], ...]:
    chosen = draw(st.lists(st.sampled_from(sorted(set(VALUES) - TAKE_OTHERS)), unique=True))
    bare = draw(st.lists(NAMES.filter(lambda n: n not in WORDS) | st.sampled_from(sorted(BY_NAME)), unique=True))
    made = [(word, draw(VALUES[word])) for word in chosen] + [("", name) for name in bare]
    return tuple(draw(st.permutations(made)))


def test_every_word_that_takes_a_value_is_tested() -> None:
    assert set(VALUES) == set(WORDS)


@given(words().filter(bool))
def test_what_is_printed_reads_as_the_same_rule(made: tuple) -> None:
    text = str(Rule(made))
    assert parse(text) == Rule(made)
    assert str(parse(text)) == text


@pytest.mark.parametrize("text", [
    "kmalloc nth=3", "site=foo.c:42", "p=5% seed=7", "page order=1..3 unique", "slab page every=4 times=2", "nth=17",
    "failslab probability=10 interval=100 times=-1 space=0 verbose=2 ignore-gfp-wait=Y cache-filter=N task-filter=N",
    "fail_page_alloc min-order=1 ignore-gfp-highmem=N fail-nth=12 ignore-gfp-wait=N", "misc_register error=EBUSY",
    "require-start=0xffffffffc0000000 require-end=0xffffffffc0001000 verbose=0 reject-start=0x0 reject-end=0x9",
    "stack=0badcafe from=10 p=0.5%", "gfp=GFP_KERNEL|__GFP_ZERO size=64..128 context=atomic module=foo task=rmmod",
    "size=..64 cache=foo_cache", "size=4096.. function=foo_init", "size=0..", "site=foo.c",
])  # fmt: skip
def test_a_plan_prints_back_as_it_was_written(text: str) -> None:
    assert str(parse(text)) == text


def test_blanks_and_numbers_are_printed_in_one_way() -> None:
    assert str(parse("  kmalloc   nth=007 size=8..8 p=05.50% ignore-gfp-wait=1")) == (
        "kmalloc nth=7 size=8 p=5.5% ignore-gfp-wait=Y")


def test_rules_of_the_same_words_are_equal() -> None:
    assert parse("kmalloc nth=3") == parse("kmalloc  nth=3") != parse("kmalloc nth=4")
    assert len({parse("nth=3"), parse("nth=3")}) == 1


@pytest.mark.parametrize(("text", "told"), [
    ("", "nothing is said"),
    ("kmalloc nht=3", "there is no word 'nht'; possible are"),
    ("nth=0", "'nth=0': nth= takes a number from 1 on"),
    ("nth=x", "'nth=x'"), ("nth=", "'nth='"), ("nth=-1", "'nth=-1'"), ("nth=٣", "'nth=٣'"),
    ("times=-2", "times= takes a number, or -1 for no limit"),
    ("p=5", "p= takes a percentage such as 5% or 0.5%"), ("p=101%", "'p=101%'"), ("p=.5%", "'p=.5%'"),
    ("probability=5%", "without its sign"),
    ("size=9..8", "size= takes a number, or a range"), ("size=..", "'size=..'"), ("order=a..", "'order=a..'"),
    ("context=softirq", "atomic, process or irq"),
    ("gfp=", "gfp= takes names such as"), ("gfp=GFP_KERNEL|", "'gfp=GFP_KERNEL|'"),
    ("site=foo.c:0", "a place such as foo.c:42"), ("site=:4", "'site=:4'"), ("site=foo.c:", "'site=foo.c:'"),
    ("stack=12", "eight hexadecimal digits"), ("require-start=0x1ffffffffffffffff", "an address such as"),
    ("ignore-gfp-wait=maybe", "ignore-gfp-wait= takes Y or N"),
    ("misc_register error=EWHAT", "the name of an error such as EBUSY, or NULL"), ("error=environ", "'error=environ'"),
    ("nth", "'nth' needs a value: nth= takes a number from 1 on"),
    ("kzalloc", "say 'kmalloc gfp=__GFP_ZERO'"),
    ("kmalloc;", "'kmalloc;' is neither a kind (slab, kmalloc, page"),
    ("nth=1 nth=2", "'nth' is given twice"), ("page page", "'page' is given twice"),
    ("every=2 interval=3", "'interval' is given twice (every= is the same)"),
    ("seed=7", "seed= goes with p="), ("fail-nth=3 times=2", "fail-nth= takes no notice of times="),
    ("cache-filter=Y", "cache-filter=Y needs cache=NAME"),
])  # fmt: skip
def test_a_wrong_word_is_named_with_what_is_possible(text: str, told: str) -> None:
    with pytest.raises(Usage) as caught:
        parse(text)
    assert str(caught.value).startswith(f"fault plan '{text}': ") and told in str(caught.value)
    assert "\n" not in str(caught.value)


def test_all_of_linuxs_knobs_are_words() -> None:
    knobs = {"probability", "interval", "times", "space", "verbose", "task-filter", "require-start", "require-end",
             "reject-start", "reject-end", "stacktrace-depth", "ignore-gfp-highmem", "ignore-gfp-wait", "min-order",
             "cache-filter", "fail-nth"}  # fmt: skip
    assert knobs <= set(WORDS)
    assert {"failslab", "fail_page_alloc", "fail_function"} <= set(BY_NAME)


def test_no_limit_is_written_as_linux_writes_it() -> None:
    assert TIMES.show(TIMES.read("-1")) == "-1"
    assert ERROR.read("NULL") == "NULL"
