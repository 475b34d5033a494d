"""insmod's arguments are taken apart as the kernel takes them apart."""

import pytest

from runtime.loader.args import Arguments, same_name


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (b"", []),
        (b"  \t ", []),
        (b"a=1 b=2", [("a", b"1"), ("b", b"2")]),
        (b"  a=1   flag  ", [("a", b"1"), ("flag", None)]),
        (b"a=", [("a", b"")]),
        (b'a="two words" b=1', [("a", b"two words"), ("b", b"1")]),
        (b'"a=two words" b=1', [("a", b"two words"), ("b", b"1")]),
        (b'a=x"y z"w', [("a", b'x"y z"w')]),
        (b'a="open end', [("a", b"open end")]),
        (b'a="', [("a", b"")]),
        (b"a=b=c", [("a", b"b=c")]),
        (b"=5", [("=5", None)]),
        (b"a=1,2,3", [("a", b"1,2,3")]),
        (b"a=1\xa0b=2", [("a", b"1"), ("b", b"2")]),
        (b"a=1\0b=2", [("a", b"1")]),
    ],
)
def test_names_and_values(text, expected):
    assert [(item.name, item.value) for item in Arguments(text).items] == expected


def test_the_rest_follows_two_dashes():
    arguments = Arguments(b"a=1 -- b=2 c")
    assert [item.name for item in arguments.items] == ["a"]
    assert arguments.rest == b"b=2 c"
    assert Arguments(b"a=1").rest is None


def test_each_value_stands_in_the_string_that_the_module_sees():
    arguments = Arguments(b'a="1 2" flag bb=34')
    for item in arguments.items:
        if item.value is not None:
            at = arguments.mangled[item.at :]
            assert at[: at.index(0)] == item.value


@pytest.mark.parametrize(("one", "other", "same"), [("a-b", "a_b", True), ("a_b", "a-b", True), ("ab", "a_b", False)])
def test_a_dash_is_an_underscore_in_a_name(one, other, same):
    assert same_name(one, other) == same
