"""Every symbol is known, few files are imported, and index.txt is only a matter of speed."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from kapi.lazy import INDEX, fresh_index, provides

ROOT = Path(__file__).resolve().parents[2]


def fresh(code: str) -> object:
    """What the code prints as JSON, in a process that has imported nothing of kapi yet."""
    code = f"import json, sys; from pathlib import Path; import kapi, kapi.lazy\n{code}"
    out = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return json.loads(out)


FILES = "sorted(m for m in sys.modules if m.startswith('kapi.'))"


def test_the_index_is_what_the_files_declare() -> None:
    assert INDEX.read_text() == fresh_index(), "write it anew: python -m kapi"


def test_importing_kapi_imports_no_file_with_kernel_functions() -> None:
    assert fresh(f"print(json.dumps({FILES}))") == ["kapi.lazy", "kapi.registry"]


def test_a_symbol_brings_the_file_that_declares_it() -> None:
    found = fresh(f"print(json.dumps([kapi.functions['kfree'].__module__, {FILES}]))")
    assert found == ["kapi.slab", ["kapi.lazy", "kapi.registry", "kapi.slab"]]


@pytest.mark.parametrize("index", ["", "kfree vmalloc\n", "kfree gone\n"])
def test_a_symbol_is_found_whatever_the_index_says(tmp_path: Path, index: str) -> None:
    (tmp_path / "index.txt").write_text(index)
    use = f"kapi.lazy.INDEX = Path({str(tmp_path / 'index.txt')!r})"
    assert fresh(f"{use}\nprint(json.dumps(kapi.provides('kfree')))") == "kapi/slab.py"


def test_what_no_file_declares_is_nowhere() -> None:
    found = "[kapi.provides('no_such'), 'no_such' in kapi.functions, 'no_such' in kapi.data, 'kfree' in kapi.code]"
    assert fresh(f"print(json.dumps({found}))") == [None, False, False, False]


def test_a_function_that_no_file_declares_needs_nothing_from_boot() -> None:
    found = "[bool(kapi.from_boot(name)) for name in ('no_such', 'misc_register')]"
    assert fresh(f"print(json.dumps({found}))") == [False, True]


def test_an_overview_of_the_symbols_is_complete() -> None:
    names = "sorted([*kapi.functions, *kapi.data, *kapi.code])"
    assert fresh(f"print(json.dumps({names}))") == [line.split()[0] for line in fresh_index().splitlines()]


def test_guest_code_is_provided_by_a_file_as_well() -> None:
    assert fresh("print(json.dumps(kapi.provides('memcpy')))") == "kapi/thunks.py"


def test_a_name_that_two_files_declare_is_refused() -> None:
    from kapi.registry import guest_code
    assert provides("kfree")
    with pytest.raises(TypeError, match=r"kfree is declared in kapi\.slab and in "):
        guest_code("kfree", b"\xc3")
