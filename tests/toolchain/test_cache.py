"""The cache of built modules."""

from collections.abc import Callable
from pathlib import Path

import pytest

from toolchain.cache import BuildError, cached, content_key, sources_of

Write = Callable[[str, str], Path]


def test_sources_are_followed_through_quoted_includes(write: Write) -> None:
    main = write("main.c", '#include "a.h"\n#include <linux/module.h>\n # include "sub/b.h"\n#include "missing.h"\n')
    first, second = write("a.h", '#include "main.c"\n'), write("sub/b.h", '#include "c.h"\n')
    third = write("sub/c.h", "")
    assert set(sources_of(main)) == {main, first, second, third}


def test_the_key_depends_on_contents_places_and_facts(write: Write) -> None:
    path = write("x.c", "one")
    key = content_key(path.parent, [path], "fact")
    assert content_key(path.parent, [path], "fact") == key
    assert content_key(path.parent, [path], "other") != key
    assert content_key(path.parent.parent, [path], "fact") != key
    path.write_text("two")
    assert content_key(path.parent, [path], "fact") != key


def test_what_is_there_is_not_made_again(own_cache: Path) -> None:
    made = []

    def make(scratch: Path) -> Path:
        made.append(scratch)
        (scratch / "built").write_text("x")
        return scratch / "built"

    first, second = cached("key", "name.ko", make), cached("key", "name.ko", make)
    assert first == second == own_cache / "key" / "name.ko"
    assert len(made) == 1
    assert not made[0].exists()


def test_a_failure_leaves_nothing_that_looks_built(own_cache: Path) -> None:
    def fail(scratch: Path) -> Path:
        raise BuildError("no", "reason")

    with pytest.raises(BuildError, match="no\nreason"):
        cached("key", "name.ko", fail)
    assert not (own_cache / "key" / "name.ko").exists()
