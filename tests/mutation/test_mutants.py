"""One cleanup less, or one too many in clean modules, and what sweeps find. All of them: python -m tests.mutation"""

from pathlib import Path

import pytest

from tests.mutation.mutants import DELETE, TWICE, Mutant, build, clean_modules, mutants, survivors
from tests.mutation.reasons import REASONS, reason
from toolchain import kbuild

EACH = 12  # one of so many, over all modules

SOURCE = """\
	if (!p)
		kfree(p);
out:
	mutex_unlock(&lock);
	if (page) __free_page(page);
	kfree(NULL);
	x = free(p);
"""


def all_mutants() -> list[Mutant]:
    return [mutant for source in clean_modules() for mutant in mutants(source)]


def test_a_mutant_differs_in_one_line_that_gives_something_back(tmp_path: Path) -> None:
    source = tmp_path / "small.c"
    source.write_text(SOURCE)
    made = mutants(source)
    assert [(mutant.line, mutant.how) for mutant in made] == [(n, how) for n in (2, 4, 5) for how in (DELETE, TWICE)]
    before = SOURCE.split("\n")
    changed = [[(old, new) for old, new in zip(before, mutant.text.split("\n"), strict=True) if old != new]
               for mutant in made]  # fmt: skip
    assert changed[0] == [("\t\tkfree(p);", "\t\t;")]
    assert changed[1] == [("\t\tkfree(p);", "\t\tdo { kfree(p); kfree(p); } while (0);")]
    assert changed[4] == [("\tif (page) __free_page(page);", "\tif (page) ;")]


def test_there_are_hundreds_of_them_in_a_hundred_modules() -> None:
    made = all_mutants()
    assert len(made) > 600
    assert len({mutant.source for mutant in made}) > 100
    assert len({mutant.name for mutant in made}) == len(made)


def test_nearly_all_mutants_are_found_and_the_others_are_known() -> None:
    if kbuild.find_headers() is None:
        pytest.skip("no kernel headers: apt install linux-headers-amd64")
    made = all_mutants()[::EACH]
    alive = survivors(zip(made, build(made, 2), strict=True))
    assert [str(mutant) for mutant in alive if not reason(mutant)] == []
    assert len(made) >= 60 and len(alive) <= len(made) * 5 // 100


def test_every_reason_is_about_a_mutant() -> None:
    known = {(mutant.source.stem, mutant.statement, mutant.how) for mutant in all_mutants()}
    assert {(*key, how) for key, (_, *hows) in REASONS.items() for how in hows} <= known
